/** A Python that comes along with its reqset, made of the machine's own: it runs the application and the scriptlets where the system has none. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstallRoot, type InstallRoot } from 'pinpack/install-root';
import { readProgram } from '@pinpack/common/program';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { packMachinePython } from './machine-python.js';
import { copyWorkspace, Workspace } from './workspace.js';

const SET = 'bundled';
const MAIN = `import ctypes, json, os, sqlite3, ssl, sys
def main():
    print(json.dumps({"base": sys.base_prefix, "prefix": sys.prefix, "certificates": os.environ.get("SSL_CERT_FILE")}))
`;
const PYPROJECT = `[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "carrier"
version = "1.0"
dependencies = ["six"]

[project.scripts]
carrier = "carrier:main"

[tool.setuptools]
py-modules = ["carrier"]

[tool.pinpack]
reqsets = ["${SET}"]
scripts = ["carrier"]
`;

let folder: string;
let workspace: Workspace;
let root: InstallRoot;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-python-'));
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'workspace'));
  await mkdir(workspace.path('reqsets', SET), { recursive: true });
  const archive = workspace.path('reqsets', SET, 'python.tar.gz');
  const { version, minor } = await packMachinePython(archive, join(folder, 'pack'));
  const libc = (await readProgram('getconf', ['GNU_LIBC_VERSION'])).replace(/^glibc 2\./, '').trim();
  const settings = {
    python: { version, bundle: 'python.tar.gz' },
    platform: `manylinux_2_${libc}_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`,
  };
  await writeFile(workspace.path('reqsets', SET, 'reqset.json'), JSON.stringify(settings));
  await writeFile(workspace.path('reqsets', SET, 'requirements.txt'), 'six==1.17.0\n');
  await mkdir(workspace.path('apps/carrier'), { recursive: true });
  await writeFile(workspace.path('apps/carrier/pyproject.toml'), PYPROJECT);
  await writeFile(workspace.path('apps/carrier/carrier.py'), MAIN);
  expect(await workspace.nx(`run ${SET}:lock`)).toContain(`Python ${version} from reqsets/${SET}/python.tar.gz`);
  await workspace.nx(`run-many -t rpm -p ${SET}-carrier,pinpack-runtime`);
  root = await createInstallRoot(join(folder, 'root'));
  expect(minor).toMatch(/^3\.\d+$/);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('is packed without tests, and nothing of the system can depend on it', async () => {
  const rpms = workspace.path('dist/rpms', SET);
  const file = (await readdir(rpms)).find((name) => name.startsWith(`${SET}-python-`)) ?? '';
  const provides = await readProgram('rpm', ['-qp', '--provides', join(rpms, file)]);
  expect(provides).toContain(`${SET}-python(abi) = `);
  expect(provides).not.toMatch(/^python\(abi\)|\.so/m);
  const files = await readProgram('rpm', ['-qpl', join(rpms, file)]);
  expect(files).toMatch(new RegExp(`^/usr/lib/pinpack/${SET}/_python/lib/python3\\.\\d+/os\\.py$`, 'm'));
  expect(files).not.toMatch(/\/test\/|__pycache__|site-packages/);
});

it('runs the scriptlets and the application on a system without Python', async () => {
  const removed = await root.run(['/bin/sh', '-c', 'rm -f /usr/bin/python3* /usr/libexec/platform-python*']);
  expect(removed.failed, removed.all).toBe(false);
  const rpms = workspace.path('dist/rpms', SET);
  const own = workspace.path('dist/rpms');
  const files = [
    ...(await readdir(rpms)).map((name) => join(rpms, name)),
    ...(await readdir(own)).filter((name) => name.startsWith('pinpack-runtime-')).map((name) => join(own, name)),
  ];
  // The root's database does not know the libraries of the machine, and dnf needs a Python.
  const installed = await root.rpm(['-i', '--nodeps', ...files], { readable: [own] });
  expect(installed.failed || installed.all.includes('scriptlet'), installed.all).toBe(false);
  const result = await root.run(['/usr/bin/carrier']);
  expect(result.failed, result.all).toBe(false);
  const printed = JSON.parse(result.stdout) as Record<string, string>;
  expect(printed.base).toBe(`/usr/lib/pinpack/${SET}/_python`);
  expect(printed.prefix).toMatch(/^\/usr\/lib\/pinpack\/_environments\/bundled-carrier\//);
  const verified = await root.rpm(['-V', '--nodeps', `${SET}-carrier`, `${SET}-wheel-six`, `${SET}-python`]);
  expect(verified.all).toBe('');
  const names = [`${SET}-carrier`, `${SET}-wheel-carrier`, `${SET}-wheel-six`, 'pinpack-runtime', `${SET}-python`];
  const erased = await root.rpm(['-e', ...names]);
  expect(erased.failed, erased.all).toBe(false);
  expect(
    [...(await root.files('/usr/lib/pinpack')), ...(await root.files('/opt'))].filter((path) => path !== '/opt/'),
  ).toEqual([]);
});
