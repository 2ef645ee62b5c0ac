/** Variants of a reqset, and Python 2.7 beside 3: their RPMs installed side by side by the real dnf, and imported by the Pythons that they are for. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildRpm } from './rpm-build.js';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { readProgram, runProgram } from '@pinpack/common/program';
import { rpmQuery } from './rpm-query.js';
import { findPython } from './pythons.js';
import { commitAll, copyWorkspace, Workspace } from './workspace.js';

const built = new Workspace(inject('built'));
const TREES = '/usr/lib/pinpack';

/** The machine's /usr has one Python; the others stand beside it as they would come from packages of their own. */
const OTHER_PYTHONS = [
  ...['Name: other-pythons', 'Version: 1', 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
  ...['Provides: python(abi) = 3.12', 'Provides: python(abi) = 2.7', '%description', 'Pythons.', '%files', ''],
].join('\n');

let folder: string;
let root: InstallRoot;
let repository: string;

async function rpmsOf(sets: RegExp): Promise<string[]> {
  const files = await readdir(built.path('dist/rpms'), { recursive: true });
  return files
    .filter((file) => file.endsWith('.rpm') && (sets.test(file) || file.startsWith('pinpack-')))
    .map((file) => built.path('dist/rpms', file));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-variants-'));
  const others = await buildRpm(join(folder, 'others'), OTHER_PYTHONS);
  repository = await makeRepository(join(folder, 'repository'), [
    ...(await rpmsOf(/^(?:multi-|legacy\/|reqset3\/)/)),
    others,
  ]);
  root = await createInstallRoot(join(folder, 'root'));
  const wheels = ['multi-py311', 'multi-py312'].flatMap((set) => [
    `${set}-wheel-numpy`,
    `${set}-wheel-python-dateutil`,
  ]);
  const names = [...wheels, 'legacy-wheel-scipy', 'legacy-wheel-pip', 'legacy-wheel-virtualenv', 'reqset3-wheel-numpy'];
  const result = await root.dnf(repository, ['install', ...names, 'pinpack-wheelhouse']);
  expect(result.failed, result.all).toBe(false);
  expect(result.all).not.toMatch(/scriptlet failed/);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function needPython(minor: string, skip: (reason: string) => never): Promise<string> {
  return (await findPython(minor)) ?? skip(`this machine has no Python ${minor}: pyenv install ${minor}`);
}

/** What a Python prints that sees the installed trees of a set, and nothing else. */
async function runWith(python: string, set: string, names: readonly string[], script: string): Promise<string> {
  const path = names.map((name) => root.path(`${TREES}/${set}/${name}`)).join(':');
  return readProgram(python, ['-B', '-c', script], { env: { PYTHONPATH: path } });
}

describe('two variants in one root', () => {
  it('pass rpm -K, and each requires pins of its own variant', async () => {
    const installed = (await root.rpm(['-qa', '--qf', '%{NAME}\n'])).stdout
      .split('\n')
      .filter((name) => name.startsWith('multi-'));
    const names = ['numpy', 'python-dateutil', 'six'];
    expect(installed.sort()).toEqual(
      ['multi-py311', 'multi-py312'].flatMap((set) => names.map((name) => `${set}-wheel-${name}`)),
    );
    expect((await root.rpm(['-V', ...installed])).all).toBe('');
  });

  it.for([
    ['py311', '3.11', 'cpython-311'],
    ['py312', '3.12', 'cpython-312'],
  ] as const)('%s is imported by its Python', async ([variant, minor, tag], { skip }) => {
    const python = await needPython(minor, skip);
    const script =
      'import dateutil, numpy, numpy._core._multiarray_umath as c; print(numpy.__version__, dateutil.__version__, numpy.arange(4).sum(), c.__file__)';
    const output = await runWith(python, `multi-${variant}`, ['numpy', 'python-dateutil', 'six'], script);
    expect(output).toMatch(/^2\.4\.6 2\.9\.0\.post0 6 /);
    expect(output).toContain(`/multi-${variant}/numpy/numpy/_core/_multiarray_umath.${tag}-x86_64-linux-gnu.so`);
  });
});

describe('a variant for another machine', () => {
  it('is packed here, for that machine, and requires the same of the system as rpm itself finds', async () => {
    const [rpm = ''] = (await rpmsOf(/^multi-py311-arm\//)).filter((file) => file.includes('-wheel-numpy-'));
    expect(await rpmQuery(rpm, ['--qf', '%{ARCH} %{OS}'])).toBe('aarch64 linux');
    const requires = (await rpmQuery(rpm, ['--requires'])).split('\n').filter((line) => line.includes('.so'));
    expect(requires).toContain('ld-linux-aarch64.so.1(GLIBC_2.17)(64bit)');
    const tree = join(folder, 'arm');
    await readProgram('bash', ['-c', 'mkdir "$2" && rpm2cpio "$1" | cpio -idm --quiet -D "$2"', 'unpack', rpm, tree]);
    const objects = (await readProgram('find', [tree, '-name', '*.so*', '-type', 'f'])).split('\n');
    await readProgram('chmod', ['a+x', ...objects]);
    const { stdout } = await runProgram('/usr/lib/rpm/elfdeps', ['--requires'], { input: objects.join('\n') });
    const own = new Set(objects.map((object) => object.split('/').at(-1)));
    const expected = stdout.split('\n').filter((line) => line.includes('.so') && !own.has(line.replace(/\(.*/, '')));
    expect(requires.sort()).toEqual([...new Set(expected)].sort());
  });

  it('is refused by this one', async () => {
    const result = await root.dnf(repository, ['install', 'multi-py311-arm-wheel-numpy']);
    expect(result.failed).toBe(true);
    expect(result.all).toMatch(/multi-py311-arm-wheel-numpy-\S+\.aarch64 does not have a compatible architecture/);
  });
});

describe('Python 2.7 beside 3', () => {
  it('imports its numpy and scipy, and the other one its own', async ({ skip }) => {
    const system = await runWith('/usr/bin/python3', 'reqset3', ['numpy'], 'import numpy; print(numpy.__version__)');
    expect(system).toBe('2.4.6');
    const python = await needPython('2.7', skip);
    const script = 'import numpy, scipy.linalg; print numpy.__version__, scipy.linalg.det(numpy.eye(2) * 3)';
    expect(await runWith(python, 'legacy', ['numpy', 'scipy'], script)).toBe('1.16.6 9.0');
  });

  it('makes an environment by its own virtualenv and pip, from the wheelhouse, by hash', async ({ skip }) => {
    const python = await needPython('2.7', skip);
    const environment = join(folder, 'env27');
    await readProgram(python, [
      '-B',
      root.path(`${TREES}/legacy/virtualenv/virtualenv.py`),
      '--no-download',
      environment,
    ]);
    const wheelhouse = root.path('/var/lib/pinpack/legacy/wheelhouse');
    const wheels = (await readdir(wheelhouse)).filter((name) => /^(?:numpy|scipy)-/.test(name));
    const digests = (await readProgram('sha256sum', wheels, { cwd: wheelhouse }))
      .split('\n')
      .map((line) => line.split(' ')[0]);
    const lines = wheels.map(
      (name, at) => `${name.split('-').slice(0, 2).join('==')} --hash=sha256:${digests[at] ?? ''}`,
    );
    await writeFile(join(folder, 'requirements.txt'), lines.join('\n'));
    const options = [
      '--no-index',
      '--find-links',
      wheelhouse,
      '--require-hashes',
      '-r',
      join(folder, 'requirements.txt'),
    ];
    await readProgram(join(environment, 'bin/pip'), ['install', '--quiet', '--no-compile', ...options]);
    const script = 'import numpy; print numpy.__version__, numpy.__file__';
    const output = await readProgram(join(environment, 'bin/python'), ['-c', script]);
    expect(output).toMatch(/^1\.16\.6 .*\/env27\/lib\/python2\.7\/site-packages\/numpy\//);
  });
});

describe('a workspace with variants', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await copyWorkspace(built, join(folder, 'workspace'));
  });

  it('has one variant affected by what is changed of it', async () => {
    const file = 'reqsets/multi/variants/py312/pins/six/pin.json';
    await writeFile(
      workspace.path(file),
      (await readFile(workspace.path(file), 'utf8')).replace('"release": 1', '"release": 2'),
    );
    const output = await workspace.nx('show projects --affected --base=HEAD --json');
    const affected = JSON.parse(output.split('\n').find((line) => line.startsWith('[')) ?? '[]') as string[];
    expect(affected.sort()).toEqual([
      'multi',
      'multi-py312',
      'multi-py312-wheel-python-dateutil',
      'multi-py312-wheel-six',
    ]);
    await workspace.run('git checkout --quiet .');
  });

  it('makes the RPMs of one variant alone', async () => {
    const output = await workspace.nx('run multi-py311:rpm');
    expect(output).not.toContain('multi-py312');
  });

  it('names both, where a reqset and a variant would have one name', async () => {
    await workspace.run('mkdir reqsets/multi-py311 && touch reqsets/multi-py311/requirements.txt');
    const result = await workspace.failingNx('show projects');
    expect(result).toContain(
      'multi-py311 is the variant py311 of the reqset multi (reqsets/multi/variants/py311), and the reqset multi-py311 (reqsets/multi-py311) too',
    );
    await workspace.run('rm -r reqsets/multi-py311');
  });

  it('clears away a variant that reqset.json does not name any more', async () => {
    const file = workspace.path('reqsets/multi/reqset.json');
    const settings = JSON.parse(await readFile(file, 'utf8')) as { variants: Record<string, unknown> };
    Reflect.deleteProperty(settings.variants, 'py312');
    await writeFile(file, JSON.stringify(settings));
    await commitAll(workspace, 'without');
    const check = await workspace.failingNx('sync:check');
    expect(check).toContain('reqsets/multi/pylock.py312.toml');
    await workspace.nx('sync');
    expect(await workspace.run('git status --porcelain')).not.toContain('py311');
    expect(await readdir(workspace.path('reqsets/multi/variants'))).toEqual(['py311', 'py311-arm']);
    await workspace.nx('sync:check');
  });
});
