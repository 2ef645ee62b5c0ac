/** The wheel RPMs under the real dnf and rpm, in a root without network and without pip. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { readProgram } from '@pinpack/common/program';
import { sha256File } from './rpm-query.js';
import { Workspace } from './workspace.js';

const built = new Workspace(inject('built'));
const WHEELHOUSE = '/var/lib/pinpack/reqset3/wheelhouse';

// The canonical wheel of argv[1], made by CPython's own zipfile; prints its sha256.
const CANONICAL = `
import hashlib, io, sys, zipfile
source, output = zipfile.ZipFile(sys.argv[1]), io.BytesIO()
with zipfile.ZipFile(output, "w") as canonical:
    for name in sorted((n for n in source.namelist() if not n.endswith("/")), key=lambda n: n.encode()):
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        executable = (source.getinfo(name).external_attr >> 16) & 0o111
        info.create_system, info.external_attr = 3, (0o100755 if executable else 0o100644) << 16
        canonical.writestr(info, source.read(name))
print(hashlib.sha256(output.getvalue()).hexdigest())
`;

let folder: string;
let repository: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-install-'));
  const files = (await readdir(built.path('dist/rpms'), { recursive: true })).filter((file) => file.endsWith('.rpm'));
  repository = await makeRepository(
    join(folder, 'repository'),
    files.map((file) => built.path('dist/rpms', file)),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function installed(root: InstallRoot): Promise<string[]> {
  return (await root.rpm(['-qa', '--qf', '%{NAME}\n'])).stdout.split('\n').sort();
}

async function expectedDigest(prefix: string): Promise<{ name: string; sha256: string }> {
  const [name = ''] = (await readdir(built.path('dist/wheels/reqset3'))).filter((file) => file.startsWith(prefix));
  return {
    name,
    sha256: (await readProgram('python3', ['-c', CANONICAL, built.path('dist/wheels/reqset3', name)])).trim(),
  };
}

describe('reqset3-wheel-scipy', () => {
  let root: InstallRoot;

  beforeAll(async () => {
    root = await createInstallRoot(join(folder, 'scipy'));
    const result = await root.dnf(repository, ['install', 'reqset3-wheel-scipy']);
    expect(result.failed, result.all).toBe(false);
    // A failing scriptlet does not make dnf fail: it says so.
    expect(result.all).not.toMatch(/scriptlet failed/);
  });

  it("pulls numpy's RPM by its Requires, and the runtime", async () => {
    const names = (await installed(root)).filter((name) => /^(?:reqset|pinpack)/.test(name));
    expect(names).toEqual(['pinpack-runtime', 'reqset3-wheel-numpy', 'reqset3-wheel-scipy']);
  });

  it('rebuilds no wheels by default', async () => {
    const left = (await root.files('/var/lib/pinpack')).filter((file) => !file.endsWith('/'));
    expect(left).toEqual([]);
    expect((await root.rpm(['-V', 'reqset3-wheel-numpy', 'reqset3-wheel-scipy'])).all).toBe('');
  });

  it('has all wheels, later ones too, after pinpack-wheelhouse is installed', async () => {
    for (const [names, wheels] of [
      [['pinpack-wheelhouse'], ['numpy-', 'scipy-']],
      [
        ['reqset3-wheel-pip', 'reqset3-wheel-wheel'],
        ['numpy-', 'packaging-', 'pip-', 'scipy-', 'wheel-'],
      ],
    ] as const) {
      const result = await root.dnf(repository, ['install', ...names]);
      expect(result.failed, result.all).toBe(false);
      expect(result.all).not.toMatch(/scriptlet failed/);
      const expected = await Promise.all(wheels.map(expectedDigest));
      expect(await root.files('/var/lib/pinpack')).toEqual(expected.map(({ name }) => `${WHEELHOUSE}/${name}`));
    }
  });

  it.each(['numpy', 'scipy'])('has the wheel of %s with the expected sha256', async (name) => {
    const expected = await expectedDigest(`${name}-`);
    expect(await sha256File(root.path(`${WHEELHOUSE}/${expected.name}`))).toBe(expected.sha256);
  });

  it('gives pip wheels that it installs by hash, and that import', async () => {
    const wheels = await Promise.all([expectedDigest('numpy-'), expectedDigest('scipy-')]);
    const lines = wheels.map(({ name, sha256 }) => `${name.split('-').slice(0, 2).join('==')} --hash=sha256:${sha256}`);
    await writeFile(root.path('/tmp/requirements.txt'), lines.join('\n'));
    const install = [
      'install',
      '--no-compile',
      '--no-index',
      '--find-links',
      WHEELHOUSE,
      '--require-hashes',
      '--target',
      '/opt/probe',
      '-r',
      '/tmp/requirements.txt',
    ];
    const result = await root.run(['/usr/bin/python3', '-B', '-m', 'pip', ...install], {
      env: { PYTHONPATH: '/usr/lib/pinpack/reqset3/pip' },
    });
    expect(result.failed, result.all).toBe(false);
    const script = 'import numpy, scipy.linalg; print(numpy.__file__, scipy.linalg.det(numpy.eye(3) * 2))';
    const imported = await root.run(['/usr/bin/python3', '-c', script], { env: { PYTHONPATH: '/opt/probe' } });
    expect(imported.stdout).toBe('/opt/probe/numpy/__init__.py 8.0');
  });

  it('is intact, says rpm, until something is damaged', async () => {
    const names = ['pinpack-wheelhouse', 'reqset3-wheel-numpy', 'reqset3-wheel-scipy'];
    expect((await root.rpm(['-V', ...names])).all).toBe('');
    const { name } = await expectedDigest('numpy-');
    await writeFile(root.path(`${WHEELHOUSE}/${name}`), 'damaged');
    const damaged = await root.rpm(['-V', 'reqset3-wheel-numpy']);
    expect(damaged.failed).toBe(true);
    expect(damaged.all).toContain(name);
    await root.dnf(repository, ['reinstall', 'reqset3-wheel-numpy']);
    expect((await root.rpm(['-V', ...names])).all).toBe('');
  });

  it('leaves no file behind when it is removed', async () => {
    await root.run(['/bin/rm', '-rf', '/opt/probe']);
    const result = await root.dnf(repository, ['remove', 'reqset3-wheel-*', 'pinpack-*']);
    expect(result.failed, result.all).toBe(false);
    for (const place of [
      '/usr/lib/pinpack',
      '/usr/lib/pinpack-runtime',
      '/usr/share/pinpack',
      '/var/lib/pinpack',
      '/usr/bin/pinpack-runtime',
      '/opt',
    ]) {
      expect((await root.files(place)).filter((file) => file !== '/opt/')).toEqual([]);
    }
  });
});

describe('three reqsets side by side', () => {
  let root: InstallRoot;

  beforeAll(async () => {
    root = await createInstallRoot(join(folder, 'three'));
    const names = ['reqset1', 'reqset2', 'reqset3'].map((reqset) => `${reqset}-wheel-an-example-pypi-project`);
    const result = await root.dnf(repository, ['install', ...names]);
    expect(result.failed, result.all).toBe(false);
  });

  it.each([
    ['reqset1', '1.26.4', '1.13.1', '0x1000009'],
    ['reqset2', '2.2.6', '1.15.3', '0x2000000'],
    ['reqset3', '2.4.6', '1.17.1', '0x2000000'],
  ])('runs the example of %s with its own numpy %s, compiled against its C API', async (reqset, numpy, scipy, abi) => {
    const path = ['numpy', 'scipy', 'an-example-pypi-project']
      .map((name) => `/usr/lib/pinpack/${reqset}/${name}`)
      .join(':');
    const result = await root.run(['/usr/bin/python3', '-B', '-m', 'an_example_pypi_project'], {
      env: { PYTHONPATH: path },
    });
    expect(result.failed, result.all).toBe(false);
    expect(result.stdout).toContain(`numpy ${numpy} scipy ${scipy} compiled for ABI ${abi}`);
    expect(result.stdout).toContain('rms of the identity: 0.57735');
  });
});
