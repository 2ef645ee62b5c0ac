/** What is built from source runs from its RPM, with the numpy that it was compiled against, and is never installed beside an older one. */
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { readProgram } from '@pinpack/common/program';
import { copyWorkspace, Workspace } from './workspace.js';

const built = new Workspace(inject('built'));
const EXAMPLE = 'an_example_pypi_project';

/** What each prints, once imported from its RPM. */
const SOURCES: [name: string, kind: string, script: string, printed: string][] = [
  ['docopt', 'source only', 'import docopt; print(docopt.docopt("Usage: x [--y]", ["--y"]))', "{'--y': True}"],
  ['simplejson', 'C', 'from simplejson import encoder; print(encoder.c_make_encoder.__name__)', 'Encoder'],
  ['markupsafe', 'C', 'from markupsafe import _speedups, escape; print(escape("<"))', '&lt;'],
  ['bottleneck', "C, numpy's C API", 'import bottleneck; print(bottleneck.nansum([1, 2]), bottleneck.bench)', '3 '],
  ['frozenlist', 'Cython', 'from frozenlist import _frozenlist; print(_frozenlist.FrozenList([1, 2]))', '<FrozenList'],
  ['cysignals', 'meson-python, C++', 'from cysignals import signals; print(signals.__file__)', 'x86_64-linux-gnu.so'],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-sources-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function repositoryOf(name: string, workspace: Workspace, pattern: RegExp): Promise<string> {
  const files = (await readdir(workspace.path('dist/rpms'), { recursive: true })).filter((file) =>
    file.endsWith('.rpm'),
  );
  const chosen = files.filter((file) => pattern.test(file) || file.includes('pinpack-runtime'));
  return makeRepository(
    join(folder, name),
    chosen.map((file) => workspace.path('dist/rpms', file)),
  );
}

/** Runs a script with the trees of these wheel RPMs on Python's path, and nothing else. */
async function python(root: InstallRoot, reqset: string, pins: string[], script: string): Promise<string> {
  const path = pins.map((pin) => `/usr/lib/pinpack/${reqset}/${pin}`);
  const program = `import sys; sys.path[:0] = ${JSON.stringify(path)}; ${script}`;
  const result = await root.run(['/usr/bin/python3', '-c', program]);
  expect(result.failed, result.all).toBe(false);
  return result.stdout;
}

describe('the reqset of sources', () => {
  let root: InstallRoot;

  beforeAll(async () => {
    root = await createInstallRoot(join(folder, 'sources'));
    const names = SOURCES.map(([name]) => `sources-wheel-${name}`);
    const result = await root.dnf(await repositoryOf('sources-repository', built, /^sources\//), ['install', ...names]);
    expect(result.failed, result.all).toBe(false);
  });

  it.each(SOURCES)('%s (%s) is imported from its RPM', async (name, _kind, script, printed) => {
    expect(await python(root, 'sources', [name, 'numpy'], script)).toContain(printed);
  });

  it('has RPMs that verify, and wheels without a trace of the folder that they were built in', async () => {
    expect((await root.rpm(['-Va'])).all).toBe('');
    const wheels = (await readdir(built.path('dist/wheels/sources'))).filter((file) =>
      file.endsWith('linux_x86_64.whl'),
    );
    expect(wheels.length).toBeGreaterThanOrEqual(5);
    for (const wheel of wheels) {
      const content = await readFile(built.path('dist/wheels/sources', wheel), 'latin1');
      expect(content.includes(homedir()), wheel).toBe(false);
    }
  });
});

describe('what is compiled against numpy', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await copyWorkspace(built, join(folder, 'workspace'));
    await cp(workspace.path('reqsets/reqset1/requirements.txt'), workspace.path('reqsets/older/requirements.txt'));
    await edit('reqsets/older/requirements.txt', 'numpy==1.26.4', 'numpy==2.0.2');
    await edit(`apps/${EXAMPLE}/pyproject.toml`, 'reqsets = [', 'reqsets = ["older", ');
    await workspace.nx('run older:lock');
    await workspace.nx(`run older-${EXAMPLE}:rpm`);
  });

  async function edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(workspace.path(file), 'utf8');
    expect(text).toContain(from);
    await writeFile(workspace.path(file), text.replace(from, to));
  }

  it.each([
    ['reqset1', '1.26.4', ['>= 1.26.0', '< 2.0.0~~']],
    ['older', '2.0.2', ['>= 2.0.0', '< 3.0.0~~']],
    ['reqset3', '2.4.6', ['>= 2.4.0', '< 3.0.0~~']],
  ])('of %s runs with numpy %s, and requires %j', async (reqset, numpy, bounds) => {
    const root = await createInstallRoot(join(folder, `numpy-${reqset}`));
    const repository = await repositoryOf(`${reqset}-repository`, workspace, new RegExp(`^${reqset}/`));
    const installed = await root.dnf(repository, ['install', `${reqset}-wheel-an-example-pypi-project`]);
    expect(installed.failed, installed.all).toBe(false);
    const script = `import numpy, ${EXAMPLE} as example; print(numpy.__version__, example.rms(numpy.array([3.0, 4.0])))`;
    const printed = await python(root, reqset, ['an-example-pypi-project', 'numpy', 'scipy'], script);
    expect(printed).toContain(`${numpy} 3.535`);
    const requires = await root.rpm(['-q', '--requires', `${reqset}-wheel-an-example-pypi-project`]);
    for (const bound of bounds) expect(requires.stdout).toContain(`${reqset}-wheel-numpy ${bound}`);
  });

  it('cannot be installed together with an older one', async () => {
    await edit('reqsets/reqset3/requirements.txt', 'numpy==2.4.6', 'numpy==2.2.6');
    const example = (await readdir(workspace.path('dist/rpms/reqset3'))).find((file) =>
      file.includes('-wheel-an-example'),
    );
    await workspace.nx('run reqset3:lock');
    await workspace.nx('run reqset3-wheel-numpy:rpm');
    const numpy = (await readdir(workspace.path('dist/rpms/reqset3'))).find((file) =>
      file.includes('wheel-numpy-2.2.6'),
    );
    const rpms = [example, numpy].map((file) => workspace.path('dist/rpms/reqset3', file ?? ''));
    const rest = await repositoryOf('others', workspace, /^reqset3\/reqset3-wheel-scipy/);
    const others = (await readdir(rest)).filter((file) => file.endsWith('.rpm')).map((file) => join(rest, file));
    const repository = await makeRepository(join(folder, 'mixed'), [...rpms, ...others]);
    const root = await createInstallRoot(join(folder, 'mixed-root'));
    const result = await root.dnf(repository, ['install', 'reqset3-wheel-an-example-pypi-project']);
    expect(result.failed).toBe(true);
    expect(result.all).toContain('nothing provides reqset3-wheel-numpy >= 2.4.0');
  });
});

describe('Rust', () => {
  it('is built by maturin without network, from crates of the checksums in its Cargo.lock', async ({ skip }) => {
    if (process.env.PINPACK_NIGHTLY !== '1') skip('PINPACK_NIGHTLY=1 builds it: half a minute');
    const cargo = (process.env.PATH ?? '').split(':').map((entry) => join(entry, 'cargo'));
    const found = await Promise.all(
      cargo.map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) skip('there is no cargo on this machine');
    const workspace = await copyWorkspace(built, join(folder, 'rust'));
    await writeFile(workspace.path('reqsets/sources/requirements.txt'), 'rpds-py==2026.9.1\n');
    await writeFile(workspace.path('reqsets/sources/reqset.json'), '{"build": {"rpds-py": {"from": "sdist"}}}');
    await workspace.nx('run sources:lock');
    await workspace.nx('run sources-wheel-rpds-py:wheel');
    const [wheel = ''] = (await readdir(workspace.path('dist/wheels/sources'))).filter((file) =>
      file.startsWith('rpds_py'),
    );
    const target = join(folder, 'rpds');
    await readProgram('python3', ['-m', 'zipfile', '-e', workspace.path('dist/wheels/sources', wheel), target]);
    const script = `import sys; sys.path.insert(0, ${JSON.stringify(target)}); import rpds; print(rpds.List([1, 2]).first)`;
    expect(await readProgram('/usr/bin/python3', ['-c', script])).toBe('1');
  });
});
