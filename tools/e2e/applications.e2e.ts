/** Application RPMs as an administrator has them: installed, upgraded, taken back and removed by the real dnf, without network and without pip. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { copyRoot } from './copy-root.js';
import { createInstallRoot, makeRepository } from './index.js';
import type { InstallRoot, ProgramResult } from './index.js';
import { copyWorkspace, Workspace } from './workspace.js';

const EXAMPLE = 'reqset3-an_example_pypi_project';
const SECOND = 'reqset3-second-app';
/** Made for another minor version of Python than this machine's. */
const OTHER_PYTHON = 'reqset2-wheel-wheel';
const ENVIRONMENTS = '/usr/lib/pinpack/_environments';
const LIBRARY = '/usr/lib/pinpack/reqset3';
const PLACES = ['/opt', '/usr/lib/pinpack', '/usr/share/pinpack', '/var/lib/pinpack'];

let folder: string;
let workspace: Workspace;
/** Repositories: what is released first, the same with another numpy, and that with another version of the example. */
const releases = { first: '', numpy: '', application: '' };

async function rpmsOf(workspace: Workspace, reqsets: RegExp): Promise<string[]> {
  const files = await readdir(workspace.path('dist/rpms'), { recursive: true });
  return files
    .filter((file) => file.endsWith('.rpm') && (reqsets.test(file) || file.startsWith('pinpack-runtime')))
    .map((file) => workspace.path('dist/rpms', file));
}

async function edit(workspace: Workspace, file: string, from: string, to: string): Promise<void> {
  const text = await readFile(workspace.path(file), 'utf8');
  expect(text).toContain(from);
  await writeFile(workspace.path(file), text.replace(from, to));
}

async function release(workspace: Workspace, name: string, ...others: string[]): Promise<string> {
  await workspace.execute('lock', { reqset: 'reqset3' });
  await workspace.nx(['run-many -t rpm -p', "'reqset3*'", 'pinpack-runtime', ...others].join(' '));
  return makeRepository(join(folder, name), await rpmsOf(workspace, /^reqset3\//));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-applications-'));
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'workspace'));
  await workspace.nx('g pinpack:app second-app --reqset reqset3');
  await edit(
    workspace,
    'apps/second-app/pyproject.toml',
    'reqsets = ["reqset3"]',
    'reqsets = ["reqset3"]\nfill = "pip"',
  );
  await workspace.run('rm -r reqsets/reqset3/pylock.toml reqsets/reqset3/pins');
  await edit(workspace, 'reqsets/reqset3/requirements.txt', 'numpy==2.4.6', 'numpy==2.4.5');
  releases.first = await release(workspace, 'first');
  await edit(workspace, 'reqsets/reqset3/requirements.txt', 'numpy==2.4.5', 'numpy==2.4.6');
  releases.numpy = await release(workspace, 'numpy');
  await edit(workspace, 'apps/an_example_pypi_project/pyproject.toml', 'version = "0.0.4"', 'version = "0.0.5"');
  await edit(workspace, 'reqsets/reqset2/reqset.json', '3.11.2', '3.12.1');
  await workspace.execute('lock', { reqset: 'reqset2' });
  releases.application = await release(workspace, 'application', OTHER_PYTHON);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
/** Roots with the example alone, by repository: several tests start from each. */
const installed = new Map<string, Promise<InstallRoot>>();

async function newRoot(repository: string, ...names: string[]): Promise<InstallRoot> {
  const root = await createInstallRoot(join(folder, `root${count++}`));
  await succeed(root.dnf(repository, ['install', ...names]));
  return root;
}

/** For tests that change nothing in it. */
function withExample(repository: string): Promise<InstallRoot> {
  const root = installed.get(repository) ?? newRoot(repository, EXAMPLE);
  installed.set(repository, root);
  return root;
}

async function copyWithExample(repository: string): Promise<InstallRoot> {
  const at = join(folder, `root${count++}`);
  // At once: what is removed early is never written to the disk.
  onTestFinished(() => rm(at, { recursive: true, force: true }));
  return copyRoot(await withExample(repository), at);
}

/** dnf doesn't fail when a scriptlet does: it says so. */
async function succeed(running: Promise<ProgramResult>): Promise<ProgramResult> {
  const result = await running;
  expect(result.failed, result.all).toBe(false);
  expect(result.all).not.toMatch(/scriptlet failed/);
  return result;
}

async function python(root: InstallRoot, name: string, script: string): Promise<string> {
  const result = await root.run([`/opt/${name}/venv/bin/python`, '-c', script]);
  expect(result.failed, result.all).toBe(false);
  return result.stdout;
}

function versions(root: InstallRoot): Promise<string> {
  const script = `
import numpy, an_example_pypi_project as example
from importlib.metadata import version
print(numpy.__version__, version("an_example_pypi_project"), example.rms(numpy.ones(3)))`;
  return python(root, EXAMPLE, script);
}

async function remains(root: InstallRoot): Promise<string[]> {
  const files = await Promise.all(PLACES.map((place) => root.files(place)));
  return files.flat().filter((file) => file !== '/opt/');
}

describe("the original experiment's own test", () => {
  const built = new Workspace(inject('built'));
  const experiments = [
    ['reqset1', '1.26.4'],
    ['reqset2', '2.2.6'],
    ['reqset3', '2.4.6'],
  ] as const;
  let root: InstallRoot;
  beforeAll(async () => {
    root = await createInstallRoot(join(folder, 'experiments'));
  });

  it.each(experiments)('runs for %s with its own numpy', async (reqset, numpy) => {
    const repository = await makeRepository(
      join(folder, `original-${reqset}`),
      await rpmsOf(built, new RegExp(`^${reqset}/`)),
    );
    await succeed(root.dnf(repository, ['install', `${reqset}-an_example_pypi_project`]));
    const script =
      'import numpy as np; print(np.sqrt(4.5), np.__version__); import an_example_pypi_project; print(an_example_pypi_project)';
    const output = await python(root, `${reqset}-an_example_pypi_project`, script);
    expect(output).toContain('2.1213203435596424');
    expect(output).toContain(numpy);
    expect(output).toMatch(
      new RegExp(
        `${ENVIRONMENTS}/${reqset}-an_example_pypi_project/[0-9a-f]{16}/lib/python3.11/site-packages/an_example_pypi_project`,
      ),
    );
  });

  it('runs for each of them side by side', async () => {
    for (const [reqset, numpy] of experiments) {
      const script = 'import numpy; print(numpy.__version__)';
      expect(await python(root, `${reqset}-an_example_pypi_project`, script)).toBe(numpy);
    }
  });
});

describe('an upgrade', () => {
  it('of one wheel brings the application along, which runs with the new one', async () => {
    const root = await copyWithExample(releases.first);
    expect(await versions(root)).toBe('2.4.5 0.0.4 1.0');
    await succeed(root.dnf(releases.numpy, ['upgrade', 'reqset3-wheel-numpy']));
    expect(await versions(root)).toBe('2.4.6 0.0.4 1.0');
    expect((await root.rpm(['-Va'])).all).toBe('');
  });

  it('of the application alone leaves its wheels', async () => {
    const root = await copyWithExample(releases.numpy);
    await succeed(root.dnf(releases.application, ['upgrade', EXAMPLE]));
    expect(await versions(root)).toBe('2.4.6 0.0.5 1.0');
  });

  it('of both, and back again by downgrade', async () => {
    const root = await copyWithExample(releases.first);
    await succeed(root.dnf(releases.application, ['upgrade']));
    expect(await versions(root)).toBe('2.4.6 0.0.5 1.0');
    await succeed(root.dnf(releases.first, ['downgrade', 'reqset3-*']));
    expect(await versions(root)).toBe('2.4.5 0.0.4 1.0');
    expect((await root.rpm(['-Va'])).all).toBe('');
    const environments = await readdir(root.path(`${ENVIRONMENTS}/${EXAMPLE}`));
    expect(environments).toHaveLength(1);
  });
});

describe('two applications', () => {
  it('of one reqset, filled by link and by pip, share its wheels without a wheelhouse, and each can leave alone', async () => {
    const root = await newRoot(releases.numpy, EXAMPLE, SECOND);
    expect(await versions(root)).toBe('2.4.6 0.0.4 1.0');
    await succeed(root.dnf(releases.numpy, ['remove', EXAMPLE]));
    expect((await root.files('/opt')).filter((file) => file.includes(EXAMPLE))).toEqual([]);
    const installer =
      'from importlib.metadata import distribution as of; print(of("second-app").read_text("INSTALLER"))';
    expect((await python(root, SECOND, installer)).trim()).toBe('pinpack');
    expect((await root.files('/var/lib/pinpack')).filter((file) => !file.endsWith('/'))).toEqual([
      expect.stringMatching(/^\/var\/lib\/pinpack\/reqset3\/environments\/reqset3-second-app-[0-9a-f]{16}\.csv$/),
    ]);
    expect((await root.rpm(['-Va'])).all).toBe('');
    await succeed(root.dnf(releases.numpy, ['remove', SECOND, 'reqset3-*', 'pinpack-runtime']));
    expect(await remains(root)).toEqual([]);
  });
});

describe('a removal', () => {
  it.each([
    ['of the application first', [EXAMPLE], ['reqset3-*', 'pinpack-runtime']],
    ['of a wheel, which takes the application along', ['reqset3-wheel-numpy'], ['reqset3-*', 'pinpack-runtime']],
    ['of everything at once', ['reqset3-*', 'pinpack-runtime'], []],
    ['of the runtime, which takes everything along', ['pinpack-runtime'], []],
  ])('%s leaves nothing', async (_what, first, second) => {
    const root = await copyWithExample(releases.numpy);
    await succeed(root.dnf(releases.numpy, ['remove', ...first]));
    if (second.length > 0) await succeed(root.dnf(releases.numpy, ['remove', ...second]));
    expect(await remains(root)).toEqual([]);
    expect(await root.files('/usr/lib/pinpack-runtime')).toEqual([]);
  });
});

describe('an installation that fails', () => {
  it('leaves the old environment in use, is reported by rpm -V, and is fixed by repair', async () => {
    const root = await copyWithExample(releases.first);
    // A file of a wheel is gone: the new environment can't be made.
    await root.run(['/bin/rm', '/usr/lib/pinpack/reqset3/scipy/scipy/__init__.py']);
    const upgrade = await root.dnf(releases.numpy, ['upgrade', EXAMPLE]);
    expect(upgrade.all).toMatch(/scriptlet failed/);
    expect(await versions(root)).toBe('2.4.5 0.0.4 1.0');
    const verdict = await root.rpm(['-V', EXAMPLE]);
    expect(verdict.failed).toBe(true);
    await succeed(root.dnf(releases.numpy, ['reinstall', 'reqset3-wheel-scipy']));
    await succeed(
      root.run(['/usr/bin/pinpack-runtime', 'application', 'repair', '--manifest', `/opt/${EXAMPLE}/application.json`]),
    );
    expect(await versions(root)).toBe('2.4.6 0.0.4 1.0');
    expect((await root.rpm(['-V', EXAMPLE])).all).toBe('');
  });

  it('with a wheel whose file is gone says which, and makes no environment', async () => {
    const root = await newRoot(releases.first, 'reqset3-wheel-scipy');
    await root.run(['/bin/rm', '/usr/lib/pinpack/reqset3/scipy/scipy/__init__.py']);
    const install = await root.dnf(releases.first, ['install', EXAMPLE]);
    expect(install.all).toMatch(/scriptlet failed/);
    expect(install.all).toContain('scipy/__init__.py');
    expect((await root.rpm(['-V', EXAMPLE])).failed).toBe(true);
    expect((await root.files(`/opt/${EXAMPLE}`)).filter((file) => file.includes('venv'))).toEqual([]);
  });
});

describe('an environment', () => {
  it('names no path of the machine that built it, nor the one it was made at', async () => {
    const root = await withExample(releases.first);
    const found = await root.run([
      '/bin/grep',
      '-rIlE',
      `${folder}|/tmp/|_environments/[^/]*/\\.`,
      '--include=*',
      `/opt/${EXAMPLE}/venv/bin`,
      `/opt/${EXAMPLE}/venv/pyvenv.cfg`,
    ]);
    expect(found.stdout).toBe('');
    const environment = await currentEnvironment(root);
    const script = await readFile(root.path(`${environment}/bin/an-example`), 'utf8');
    expect(script.split('\n')[0]).toBe(`#!${environment}/bin/python`);
  });

  it('runs its console scripts', async () => {
    const root = await withExample(releases.first);
    const result = await root.run([`/opt/${EXAMPLE}/venv/bin/an-example`]);
    expect(result.stdout, result.all).toContain('rms of the identity: 0.57735');
  });
});

async function currentEnvironment(root: InstallRoot): Promise<string> {
  const { stdout } = await root.run(['/usr/bin/readlink', `/opt/${EXAMPLE}/venv`]);
  return stdout;
}

describe('on a server', () => {
  it('a running process stays in its environment, which goes with the next run after its end', async () => {
    const root = await copyWithExample(releases.first);
    const service = `
import numpy, os, sys, time
print(numpy.__version__, flush=True)
while not os.path.exists("/tmp/go"): time.sleep(0.1)
import numpy.testing, numpy.version
print(numpy.version.version, numpy.testing.__file__.startswith(sys.prefix), sys.prefix)`;
    await writeFile(root.path('/tmp/service.py'), service);
    const script = [
      `/opt/${EXAMPLE}/venv/bin/python /tmp/service.py > /tmp/log & service=$!`,
      'while [ ! -s /tmp/log ]; do sleep 0.1; done',
      `sed -i 's/"format"/"upgraded": 1, "format"/' /opt/${EXAMPLE}/application.json`,
      `pinpack-runtime application make --manifest /opt/${EXAMPLE}/application.json`,
      `ls /opt/${EXAMPLE}/environments | wc -l; touch /tmp/go; wait $service; cat /tmp/log`,
      `pinpack-runtime application prune --manifest /opt/${EXAMPLE}/application.json`,
      `ls /opt/${EXAMPLE}/environments | wc -l`,
    ];
    const old = await currentEnvironment(root);
    const result = await root.run(['/bin/sh', '-ec', script.join('\n')]);
    expect(result.all.split('\n')).toEqual(['2', '2.4.5', `2.4.5 True ${old}`, '1']);
  });

  it('the removal of an application needs no Python', async () => {
    const root = await copyWithExample(releases.first);
    await root.run(['/bin/sh', '-c', 'echo exit 1 > /usr/bin/pinpack-runtime']);
    expect((await root.rpm(['-e', EXAMPLE])).failed).toBe(false);
    expect((await root.files('/opt')).filter((file) => file.includes(EXAMPLE))).toEqual([]);
    expect(await root.files(ENVIRONMENTS)).toEqual([]);
    expect((await root.files('/var/lib/pinpack')).filter((file) => file.endsWith('.csv'))).toEqual([]);
  });

  it('rpm -V reports what was added, and repair removes it', async () => {
    const root = await copyWithExample(releases.first);
    const site = `${await currentEnvironment(root)}/lib/python3.11/site-packages`;
    for (const name of ['zz.pth', 'sitecustomize.py', 'numpy/__pycache__/__init__.cpython-311.pyc']) {
      const mark = 'import os; os.system("touch /tmp/ran")';
      await root.run(['/bin/sh', '-c', `mkdir -p $(dirname ${site}/${name}); echo '${mark}' > ${site}/${name}`]);
    }
    const verdict = await root.rpm(['-V', EXAMPLE]);
    expect(verdict.failed).toBe(true);
    for (const name of ['zz.pth', 'sitecustomize.py', 'numpy/__pycache__'])
      expect(verdict.all).toContain(`${name} was added`);
    const manifest = `/opt/${EXAMPLE}/application.json`;
    await succeed(root.run(['/usr/bin/pinpack-runtime', 'application', 'repair', '--manifest', manifest]));
    expect((await root.rpm(['-V', EXAMPLE])).all).toBe('');
    expect(await root.files('/tmp/ran')).toEqual([]);
  });

  it('rpm -V reports shared files that others can change, and repair restores them', async ({ skip }) => {
    const root = await copyWithExample(releases.numpy);
    const module = `${await currentEnvironment(root)}/lib/python3.11/site-packages/numpy/__init__.py`;
    if ((await stat(root.path(module))).nlink === 1)
      return skip('this file system shares blocks, so no file is shared');
    await succeed(root.run(['/bin/chmod', '-R', 'a+w', `/opt/${EXAMPLE}/venv/`]));
    const verdict = await root.rpm(['-V', EXAMPLE]);
    expect(verdict.all).toMatch(/ has the mode 0666, expected 0644; the file is shared with the RPM reqset3-wheel-/);
    expect(verdict.all).toMatch(/dnf reinstall (?:\S+ )*reqset3-wheel-numpy/);
    expect((await root.rpm(['-V', 'reqset3-wheel-numpy'])).all).toContain(`${LIBRARY}/numpy/numpy/__init__.py`);
    const manifest = `/opt/${EXAMPLE}/application.json`;
    await succeed(root.run(['/usr/bin/pinpack-runtime', 'application', 'repair', '--manifest', manifest]));
    expect((await root.rpm(['-Va'])).all).toBe('');
  });
});

describe('the smoke test', () => {
  const names = [SECOND, EXAMPLE, 'webset-web_service'];
  let output: string;
  beforeAll(async () => {
    output = await workspace.nxShown(`run-many -t smoke -p ${names.join()}`);
  });

  it.each(names)('of %s passes, the generated application as it was generated', (name) => {
    expect(output).toContain(`${name}: removed without leftovers`);
  });

  it('asks a service over loopback HTTP', () => {
    expect(output).toMatch(/^webset-web_service: .*GET \/\S*: 200/m);
  });
});

describe('another minor version of Python', () => {
  it('is refused by dnf, which names what is missing', async () => {
    const rpms = await rpmsOf(workspace, new RegExp(`^reqset2/${OTHER_PYTHON}-`));
    const repository = await makeRepository(join(folder, 'other-python'), rpms);
    const root = await createInstallRoot(join(folder, 'without'));
    const install = await root.dnf(repository, ['install', OTHER_PYTHON]);
    expect(install.failed).toBe(true);
    expect(install.all).toContain(`nothing provides python(abi) = 3.12 needed by ${OTHER_PYTHON}`);
  });
});
