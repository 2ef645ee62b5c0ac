/** Both layouts of wheel RPMs under the real dnf, rpm and deltarpm: installed, upgraded, switched from one to the other, damaged, removed. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInstallRoot, type InstallRoot } from 'pinpack/install-root';
import { readProgram, runProgram, type ProgramResult } from '@pinpack/common/program';
import { LayoutWorkspace } from './layout-workspace.js';

const [ONE, TWO, PIP] = ['small-one', 'small-two', 'small-three'] as const;
const LIBRARY = '/usr/lib/pinpack/small';
const STATE = '/var/lib/pinpack/small';
const PLACES = ['/opt', '/usr/lib/pinpack', '/usr/share/pinpack', '/var/lib/pinpack'];
const OLD = ['markupsafe==3.0.2', 'six==1.17.0'];
const NEW = ['markupsafe==3.0.3', 'six==1.17.0'];

// deltarpm's helper for applying to installed files, which Debian's package lacks: an installed package's header, here from its RPM.
const RPMDUMPHEADER = `#!/usr/bin/python3
import struct, sys
data = open("/tmp/old.rpm", "rb").read()
def length(at):
    entries, size = struct.unpack_from(">2L", data, at + 8)
    return 16 + 16 * entries + size
start = 96 + (length(96) + 7) // 8 * 8
sys.stdout.buffer.write(data[start:start + length(start)])
`;

let folder: string;
/** Repositories, each an upgrade of the one before. */
const releases = { tree: '', stored: '', upgraded: '', back: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-layouts-'));
  const applications = { one: 'link', two: 'link', three: 'pip' } as const;
  const workspace = await LayoutWorkspace.make(folder, applications, ['markupsafe', 'six']);
  const stored = { layout: 'stored', bytecode: true };
  releases.tree = await workspace.release('tree', { settings: {}, pins: OLD });
  releases.stored = await workspace.release('stored', { settings: stored, pins: OLD });
  releases.upgraded = await workspace.release('upgraded', { settings: stored, pins: NEW });
  releases.back = await workspace.release('back', { settings: {}, pins: NEW });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

async function newRoot(repository: string, ...names: string[]): Promise<InstallRoot> {
  const root = await createInstallRoot(join(folder, `root${count++}`));
  await succeed(root.dnf(repository, ['install', ...names]));
  return root;
}

/** dnf doesn't fail when a scriptlet does: it says so. */
async function succeed(running: Promise<ProgramResult>): Promise<ProgramResult> {
  const result = await running;
  expect(result.failed, result.all).toBe(false);
  expect(result.all).not.toMatch(/scriptlet failed/);
  return result;
}

async function expectIntact(root: InstallRoot): Promise<void> {
  expect((await root.rpm(['-Va'])).all).toBe('');
}

async function version(root: InstallRoot, name: string): Promise<string> {
  const script =
    'import six, markupsafe, markupsafe._speedups as c; from importlib.metadata import version as v; print(v("markupsafe"), c.__file__)';
  const result = await root.run([`/opt/${name}/venv/bin/python`, '-c', script]);
  expect(result.failed, result.all).toBe(false);
  const [found = '', path = ''] = result.stdout.split(' ');
  expect(path).toMatch(new RegExp(`^/usr/lib/pinpack/_environments/${name}/`));
  return found;
}

/** The path of a file of the wheel of markupsafe, as an application has it. */
async function installed(root: InstallRoot, name: string, file: string): Promise<string> {
  const { stdout: target } = await root.run(['/usr/bin/readlink', `/opt/${name}/venv`]);
  return root.path(`${target}/lib/python3.11/site-packages/markupsafe/${file}`);
}

async function remains(root: InstallRoot): Promise<string[]> {
  const files = await Promise.all(PLACES.map((place) => root.files(place)));
  return files.flat().filter((file) => file !== '/opt/');
}

async function rpmOf(repository: string, name: string): Promise<string> {
  const [found = ''] = (await readdir(repository)).filter((file) => file.startsWith(`small-wheel-${name}-`));
  return join(repository, found);
}

describe('stored wheels', () => {
  let root: InstallRoot;
  beforeAll(async () => {
    root = await newRoot(releases.stored, ONE, TWO);
  });

  it('are one file each beside a copy of the licence, which rpm verifies', async () => {
    const { stdout } = await root.rpm(['-qlv', 'small-wheel-markupsafe']);
    const files = stdout.split('\n').filter((line) => line.startsWith('-'));
    expect(files.map((line) => line.split(' ').at(-1))).toEqual([
      `${LIBRARY}/markupsafe.whl.stored`,
      expect.stringMatching(/^\/usr\/share\/licenses\/small-wheel-markupsafe\/MarkupSafe-3\.0\.2\.dist-info\/LICENSE/),
      '/usr/share/pinpack/small/markupsafe.json',
      expect.stringMatching(/^\/var\/lib\/pinpack\/small\/wheelhouse\/MarkupSafe-3\.0\.2-.*\.whl$/),
    ]);
    await expectIntact(root);
  });

  it('have the Requires that trees have', async () => {
    const requires = async (repository: string) => {
      const path = await rpmOf(repository, 'markupsafe');
      return (await readProgram('rpm', ['-qp', '--nosignature', '--requires', path])).split('\n').sort();
    };
    expect(await requires(releases.stored)).toEqual(await requires(releases.tree));
    expect(await requires(releases.stored)).toContain('libc.so.6(GLIBC_2.14)(64bit)');
  });

  it('are unpacked for each application, bytecode included', async () => {
    expect([await version(root, ONE), await version(root, TWO)]).toEqual(['3.0.2', '3.0.2']);
    for (const file of ['__init__.py', '__pycache__/__init__.cpython-311.pyc']) {
      const [one, two] = [await installed(root, ONE, file), await installed(root, TWO, file)];
      expect((await readFile(one)).equals(await readFile(two))).toBe(true);
      for (const path of [one, two]) expect((await stat(path)).nlink).toBe(1);
    }
  });

  it('fill an application of fill pip', async () => {
    await succeed(root.dnf(releases.stored, ['install', PIP]));
    expect(await version(root, PIP)).toBe('3.0.2');
    await expectIntact(root);
  });

  it('are wheels to pip where the host keeps a wheelhouse', async () => {
    await succeed(root.dnf(releases.stored, ['install', 'pinpack-wheelhouse', 'small-wheel-pip']));
    const { sha256 } = JSON.parse(
      await readFile(root.path('/usr/share/pinpack/small/markupsafe.json'), 'utf8'),
    ) as Record<string, string>;
    await writeFile(root.path('/tmp/requirements.txt'), `markupsafe==3.0.2 --hash=sha256:${sha256}\n`);
    const words = [
      '--no-index',
      '--find-links',
      `${STATE}/wheelhouse`,
      '--require-hashes',
      '-r',
      '/tmp/requirements.txt',
    ];
    const pip = ['/usr/bin/python3', '-B', '-m', 'pip', 'install', '--target', '/tmp/probe', ...words];
    await root.run(['/usr/bin/python3', '-m', 'zipfile', '-e', `${LIBRARY}/pip.whl.stored`, '/tmp/pip']);
    await succeed(root.run(pip, { env: { PYTHONPATH: '/tmp/pip' } }));
    await expectIntact(root);
    await succeed(root.dnf(releases.stored, ['remove', 'pinpack-wheelhouse', 'small-wheel-pip', PIP]));
    expect(await root.files(`${STATE}/wheelhouse`)).toEqual([`${STATE}/wheelhouse/`]);
  });

  it('are reported by rpm and fixed where they, or the environments, are damaged', async () => {
    await writeFile(await installed(root, ONE, '__init__.py'), '# damaged');
    expect((await root.rpm(['-V', ONE])).all).toContain('markupsafe/__init__.py was changed');
    expect((await root.rpm(['-V', TWO, 'small-wheel-markupsafe'])).all).toBe('');
    const manifest = `/opt/${ONE}/application.json`;
    await succeed(root.run(['/usr/bin/pinpack-runtime', 'application', 'repair', '--manifest', manifest]));
    await expectIntact(root);
    await writeFile(root.path(`${LIBRARY}/markupsafe.whl.stored`), 'damaged');
    expect((await root.rpm(['-V', 'small-wheel-markupsafe'])).all).toContain('the stored wheel: it has sha256');
    await succeed(root.dnf(releases.stored, ['reinstall', 'small-wheel-markupsafe']));
    await expectIntact(root);
  });

  it('are upgraded with all of their applications, and taken back', async () => {
    await succeed(root.dnf(releases.upgraded, ['upgrade']));
    for (const name of [ONE, TWO]) expect(await version(root, name)).toBe('3.0.3');
    await expectIntact(root);
    await succeed(root.dnf(releases.stored, ['downgrade', 'small-*']));
    for (const name of [ONE, TWO]) expect(await version(root, name)).toBe('3.0.2');
    await expectIntact(root);
  });

  it('leave nothing when all is removed', async () => {
    await succeed(root.dnf(releases.stored, ['remove', TWO]));
    await expectIntact(root);
    await succeed(root.dnf(releases.stored, ['remove', 'small-*', 'pinpack-*']));
    expect(await remains(root)).toEqual([]);
  });
});

describe('from one layout to the other', () => {
  it('is a plain upgrade, both ways, with the applications running', async () => {
    const root = await newRoot(releases.tree, ONE, PIP);
    for (const [release, markupsafe] of [
      ['stored', '3.0.2'],
      ['upgraded', '3.0.3'],
      ['back', '3.0.3'],
    ] as const) {
      await succeed(root.dnf(releases[release], ['upgrade']));
      for (const name of [ONE, PIP]) expect(await version(root, name)).toBe(markupsafe);
      await expectIntact(root);
    }
    expect((await root.files(LIBRARY)).filter((file) => file.endsWith('.stored'))).toEqual([]);
    await succeed(root.dnf(releases.stored, ['downgrade', 'small-*']));
    expect((await root.files(LIBRARY)).filter((file) => !file.endsWith('.stored'))).toEqual([]);
    await expectIntact(root);
    await succeed(root.dnf(releases.stored, ['remove', 'small-*', 'pinpack-*']));
    expect(await remains(root)).toEqual([]);
  });
});

describe('a delta between stored wheels', () => {
  it('is applied to the old RPM and to the installed file, and gives the new RPM', async () => {
    const at = join(folder, 'delta');
    await mkdir(at);
    const [old, fresh] = [await rpmOf(releases.stored, 'markupsafe'), await rpmOf(releases.upgraded, 'markupsafe')];
    const [delta, applied] = [join(at, 'delta.drpm'), join(at, 'applied.rpm')];
    await readProgram('makedeltarpm', [old, fresh, delta]);
    await readProgram('applydeltarpm', ['-r', old, delta, applied]);
    expect((await readFile(applied)).equals(await readFile(fresh))).toBe(true);
    const root = await newRoot(releases.stored, 'small-wheel-markupsafe');
    await writeFile(root.path('/usr/bin/rpmdumpheader'), RPMDUMPHEADER, { mode: 0o755 });
    await copyFile(old, root.path('/tmp/old.rpm'));
    await copyFile(delta, root.path('/tmp/delta.drpm'));
    await succeed(root.run(['/usr/bin/applydeltarpm', '/tmp/delta.drpm', '/tmp/new.rpm']));
    expect((await readFile(root.path('/tmp/new.rpm'))).equals(await readFile(fresh))).toBe(true);
  });

  it('and between layouts too', async () => {
    const [old, fresh] = [await rpmOf(releases.tree, 'six'), await rpmOf(releases.stored, 'six')];
    const [delta, applied] = [join(folder, 'layouts.drpm'), join(folder, 'layouts.rpm')];
    await readProgram('makedeltarpm', [old, fresh, delta]);
    await readProgram('applydeltarpm', ['-r', old, delta, applied]);
    expect((await readFile(applied)).equals(await readFile(fresh))).toBe(true);
  });
});

describe('rpmlint', () => {
  it('finds no error in stored wheels', async () => {
    const settings = new URL('../rpmlint.toml', import.meta.url).pathname;
    const rpms = await Promise.all(['markupsafe', 'six', 'virtualenv'].map((name) => rpmOf(releases.stored, name)));
    const { stdout } = await runProgram('rpmlint', ['-c', settings, ...rpms]);
    expect(stdout).toContain('3 packages and 0 specfiles checked');
    expect(stdout.split('\n').filter((line) => line.includes(' E: '))).toEqual([]);
  });
});
