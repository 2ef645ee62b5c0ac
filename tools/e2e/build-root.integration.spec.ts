/**
 * Wheels built in another system: with the compiler of the root and not with the machine's, and rebuilt exactly when the root changes. At night also in
 * Debian 11, whose wheel then runs there and here.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSmallRoot, ROOT_MACRO, smallRootProblem, type SmallRoot } from '@pinpack/testing';
import { sha256OfFile } from '@pinpack/common/digest';
import { readProgram } from '@pinpack/common/program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMirror, readRelease } from './image-base.js';
import { packMachinePython } from './machine-python.js';
import { findPython } from './pythons.js';
import { rpmQuery } from './rpm-query.js';
import { commitAll, Workspace } from './workspace.js';
import { writeWorkspace } from './write-workspace.js';

const MACHINE = process.arch === 'x64' ? 'x86_64' : 'aarch64';
const LIMIT = 300_000;
const COMPILERS = ['cc', 'gcc', 'c++', 'g++', 'ld', 'x86_64-linux-gnu-gcc'];
const EXTENSION = `#include <Python.h>
#include <unistd.h>
#ifdef ${ROOT_MACRO}
#define PLACE "root"
#else
#define PLACE "machine"
#endif
static PyObject *place(PyObject *self, PyObject *unused) { return PyUnicode_FromString(getpid() > 0 ? PLACE : ""); }
static PyMethodDef methods[] = {{"place", place, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "demo", NULL, -1, methods};
PyMODINIT_FUNC PyInit_demo(void) { return PyModule_Create(&module); }
`;
const PYPROJECT = `[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "demo"
version = "1.0"
dependencies = ["six"]
[tool.setuptools]
ext-modules = [{ name = "demo", sources = ["demo.c"] }]
[tool.pinpack]
reqsets = ["old"]
`;

interface Settings {
  python: string | { version: string; bundle: object };
  platform: string;
  build: { root: unknown };
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-build-root-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A workspace whose machine has compilers that fail. */
async function makeWorkspace(name: string, settings: Settings): Promise<Workspace> {
  const programs = join(folder, `${name}-programs`);
  const workspace = new Workspace(join(folder, name), { programs });
  await mkdir(programs);
  const failing = '#!/bin/sh\necho "the compiler of the machine" >&2\nexit 1\n';
  for (const compiler of COMPILERS) await writeFile(join(programs, compiler), failing, { mode: 0o755 });
  await writeWorkspace(workspace, 'old', {
    'reqsets/old/requirements.txt': 'six==1.16.0\n',
    'reqsets/old/reqset.json': JSON.stringify(settings),
    'apps/demo/pyproject.toml': PYPROJECT,
    'apps/demo/demo.c': EXTENSION,
  });
  return workspace;
}

async function wheelOf(workspace: Workspace): Promise<string> {
  const names = await readdir(workspace.path('dist/wheels/old'));
  return names.find((name) => name.startsWith('demo-')) ?? expect.fail('there is no wheel');
}

/** What the unpacked extension says under a Python. */
async function askPlace(workspace: Workspace, python: string): Promise<string> {
  const unpacked = join(workspace.folder, 'dist/unpacked');
  const wheel = workspace.path('dist/wheels/old', await wheelOf(workspace));
  await readProgram('unzip', ['-qo', wheel, '-d', unpacked]);
  const script = `import sys; sys.path.insert(0, ${JSON.stringify(unpacked)}); import demo; print(demo.place())`;
  return readProgram(python, ['-I', '-c', script]);
}

const problem = await smallRootProblem();

describe.skipIf(problem !== undefined)(
  `a root of files of this machine (${problem ?? 'with another compiler'})`,
  () => {
    let small: SmallRoot;
    let workspace: Workspace;

    beforeAll(async () => {
      small = await makeSmallRoot(join(folder, 'small'));
      const platform = `manylinux_2_${small.glibc}_${MACHINE}`;
      workspace = await makeWorkspace('small-workspace', {
        python: small.python,
        platform,
        build: { root: small.folder },
      });
      await workspace.nx('run old:lock');
      await commitAll(workspace, 'locked');
    }, LIMIT);

    it(
      'compiles the wheel, whose tag names its glibc, with no compiler of the machine',
      async () => {
        await workspace.nx('run old-wheel-demo:rpm');
        expect(await askPlace(workspace, '/usr/bin/python3')).toBe('root');
        expect(await wheelOf(workspace)).toMatch(new RegExp(`-manylinux_2_${small.glibc}_${MACHINE}\\.whl$`));
        const [rpm = ''] = (await readdir(workspace.path('dist/rpms/old'))).filter((name) => name.includes('demo'));
        expect(await rpmQuery(workspace.path('dist/rpms/old', rpm), ['--requires'])).toContain('libc.so.6(');
      },
      LIMIT,
    );

    it(
      'that changes is refused until it is locked, and then rebuilds exactly what is built',
      async () => {
        await writeFile(join(small.folder, 'usr/include/new.h'), '\n');
        // A wheel of the store was built in the root that the lock names.
        const refused = await workspace.shell(
          'PINPACK_STORE_MODE=off node_modules/.bin/nx run old-wheel-demo:wheel --skip-nx-cache',
        );
        expect(refused.failed).toBe(true);
        expect(refused.all).toContain('[PINPACK_BUILD_ROOT_CHANGED]');
        await workspace.nx('run old:lock');
        const changed = (await workspace.run('git diff --name-only')).split('\n').sort();
        expect(changed).toEqual([
          'reqsets/old/apps/demo/application.json',
          'reqsets/old/pins/demo/pin.json',
          'reqsets/old/pylock.toml',
        ]);
        const pin = JSON.parse(await readFile(workspace.path('reqsets/old/pins/demo/pin.json'), 'utf8')) as {
          release: number;
        };
        expect(pin.release).toBe(2);
        expect(await workspace.nx('run old-wheel-demo:wheel')).toContain('old-wheel-demo: built from apps/demo');
      },
      LIMIT,
    );
  },
);

describe.skipIf(problem !== undefined || process.env.PINPACK_NIGHTLY !== '1')(
  `an archive of a Python, and a root without any (${problem ?? 'only at night'})`,
  () => {
    it(
      'builds the wheel with the Python of the archive and the compiler of the root',
      async () => {
        const small = await makeSmallRoot(join(folder, 'bare'));
        const archive = join(folder, 'python.tar.gz');
        const { version, minor, folder: unpacked } = await packMachinePython(archive, join(folder, 'pack'));
        await rm(join(small.folder, `usr/bin/python${minor}`));
        await rm(join(small.folder, `usr/lib/python${minor}`), { recursive: true });
        await rm(join(small.folder, `usr/include/python${minor}`), { recursive: true });
        const workspace = await makeWorkspace('archive-workspace', {
          python: { version, bundle: { archive, sha256: await sha256OfFile(archive) } },
          platform: `manylinux_2_${small.glibc}_${MACHINE}`,
          build: { root: small.folder },
        });
        await workspace.nx('run old:lock');
        await workspace.nx('run old-wheel-demo:rpm');
        expect(await askPlace(workspace, join(unpacked, `bin/python${minor}`))).toBe('root');
        const [rpm = ''] = (await readdir(workspace.path('dist/rpms/old'))).filter((name) => name.includes('demo'));
        const requires = await rpmQuery(workspace.path('dist/rpms/old', rpm), ['--requires']);
        expect(requires).toContain(`old-python(abi) = ${minor}`);
      },
      LIMIT,
    );
  },
);

const NIGHTLY =
  process.env.PINPACK_NIGHTLY !== '1'
    ? 'only at night'
    : process.getuid?.() !== 0 || !existsSync('/usr/sbin/debootstrap')
      ? 'needs root and debootstrap'
      : undefined;

describe.skipIf(NIGHTLY !== undefined)(`Debian 11 as a recipe (${NIGHTLY ?? 'glibc 2.31'})`, () => {
  it(
    'builds a wheel that runs there and here',
    async ({ skip }) => {
      const packages = ['gcc', 'libc6-dev', 'python3-dev'];
      const mirror =
        (await findMirror((await readRelease()) ?? '')) ?? skip('apt names no mirror of a Debian release here');
      const recipe = { debootstrap: { suite: 'bullseye', mirror, packages } };
      const settings = { python: '3.9.2', platform: 'manylinux_2_31_x86_64', build: { root: recipe } };
      const workspace = await makeWorkspace('debian', settings);
      await workspace.nx('run old:lock');
      await workspace.nx('run old-wheel-demo:rpm');
      expect(await wheelOf(workspace)).toBe('demo-1.0-cp39-cp39-manylinux_2_31_x86_64.whl');
      const here = (await findPython('3.9')) ?? skip('this machine has no Python 3.9: pyenv install 3.9');
      expect(await askPlace(workspace, here)).toBe('machine');
      const comment = await readProgram('bash', [
        '-c',
        'readelf -p .comment "$0"/demo*.so',
        workspace.path('dist/unpacked'),
      ]);
      expect(comment).toContain('GCC: (Debian 10.2.1');
      expect(comment.match(/GCC: /g)).toHaveLength(1);
      const roots = join(workspace.cache, 'pinpack/roots');
      const [entry = ''] = (await readdir(roots)).filter((name) => /^[0-9a-f]{64}$/.test(name));
      const root = join(roots, entry, 'root');
      await readProgram('cp', ['-r', workspace.path('dist/unpacked'), join(root, 'opt/demo')]);
      const script =
        'import sys; sys.path.insert(0, "/opt/demo"); import demo; print(sys.version_info[:3], demo.place())';
      expect(await readProgram('chroot', [root, 'python3', '-c', script])).toBe('(3, 9, 2) machine');
    },
    2 * LIMIT,
  );
});
