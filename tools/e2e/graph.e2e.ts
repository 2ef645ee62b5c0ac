/** What Nx makes of the locks: what a change touches, what it rebuilds, and that nothing is built from a lock and pins that disagree. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyWorkspace, Workspace } from './workspace.js';

const ALL_HITS = /Cache: +(\d+)\/\1 hit \(100%\)/;

let folder: string;
let workspace: Workspace;
let everyTask: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-graph-'));
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'copy'));
  const output = await workspace.nx('run-many -t rpm');
  expect(output).toMatch(ALL_HITS);
  everyTask = cachedTasks(output);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => workspace.run('git checkout --quiet . && git clean --quiet -fd'));

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(workspace.path(file), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(workspace.path(file), after);
}

function cachedTasks(output: string): string[] {
  return [...output.matchAll(/✔ +nx run (\S+) +\[local cache\]/g)].map(([, task = '']) => task);
}

/** The tasks that a run of everything did not find in the cache. */
async function tasksRun(): Promise<string[]> {
  const cached = new Set(cachedTasks(await workspace.nx('run-many -t rpm')));
  return everyTask.filter((task) => !cached.has(task)).sort();
}

async function affected(): Promise<string[]> {
  const output = await workspace.nx('show projects --affected --base=HEAD --json');
  return (JSON.parse(output.split('\n').find((line) => line.startsWith('[')) ?? '') as string[]).sort();
}

interface Project {
  root: string;
  targets: Record<string, { cache?: boolean }>;
}

describe('a pin', () => {
  it('is a project with cacheable targets and the edges of the lock', async () => {
    await workspace.nx(`graph --file=${folder}/graph.json`);
    const { graph } = JSON.parse(await readFile(join(folder, 'graph.json'), 'utf8')) as {
      graph: { nodes: Record<string, { data: Project }>; dependencies: Record<string, { target: string }[]> };
    };
    const { root, targets: cacheable = {} } = graph.nodes['reqset3-wheel-scipy']?.data ?? {};
    expect(root).toBe('reqsets/reqset3/pins/scipy');
    // Nx caches no wheel that an index has.
    expect(Object.entries(cacheable).map(([name, { cache }]) => [name, cache === true])).toEqual([
      ['wheel', false],
      ['rpm', true],
      ['delta', false],
    ]);
    const targets = (name: string): string[] => (graph.dependencies[name] ?? []).map(({ target }) => target);
    expect(targets('reqset3-wheel-scipy')).toEqual(['reqset3-wheel-numpy']);
    expect(targets('reqset3-an_example_pypi_project').sort()).toEqual([
      'pinpack-runtime',
      'reqset3-wheel-an-example-pypi-project',
    ]);
    // Its pins, its application and pinpack-runtime.
    expect(targets('reqset3')).toHaveLength(14);
  });

  it('with another version affects itself, its dependents, its reqset and applications, and rebuilds what contains its bytes', async () => {
    await edit('reqsets/reqset3/requirements.txt', (text) => text.replace('numpy==2.4.6', 'numpy==2.4.5'));
    expect(await workspace.nx('run reqset3:lock')).toContain('~ numpy 2.4.6-1 → 2.4.5-1');
    expect(await affected()).toEqual([
      'reqset3',
      'reqset3-an_example_pypi_project',
      'reqset3-wheel-an-example-pypi-project',
      'reqset3-wheel-numpy',
      'reqset3-wheel-scipy',
    ]);
    // scipy's wheel and its Requires are the same bytes beside either numpy, and both give the example's compiler the same: they stay in the cache.
    expect(await tasksRun()).toEqual(['reqset3-an_example_pypi_project:rpm', 'reqset3-wheel-numpy:rpm']);
  });
});

describe('a comment, or another order in the lock,', () => {
  it('rebuilds nothing', async () => {
    await edit('reqsets/reqset3/pylock.toml', (text) => {
      const [head = '', ...blocks] = text.split(/^(?=\[\[packages\]\]|\[tool\.pinpack\])/m);
      const settings = blocks.pop() ?? '';
      return [head, '# A comment.\n', ...blocks.reverse(), settings].join('');
    });
    expect(await tasksRun()).toEqual([]);
    await workspace.nx('sync:check');
  });
});

describe('a pin file that disagrees with the lock', () => {
  it('is reported by sync:check, mended by sync, and never built', async () => {
    await edit('reqsets/reqset1/pins/pip/pin.json', (text) => text.replace('"version": "26.3"', '"version": "26.2"'));
    const check = await workspace.failingNx('sync:check');
    expect(check).toContain('reqsets/reqset1/pins/pip/pin.json');
    const build = await workspace.failingNx('run reqset1-wheel-pip:rpm');
    expect(build).toContain('reqsets/reqset1/pins/pip/pin.json: ');
    await workspace.nx('sync');
    expect(await workspace.run('git status --porcelain')).toBe('');
  });

  it('is never taken from the cache of an earlier lock either', async () => {
    await edit('reqsets/reqset1/pylock.toml', (text) => text.replace(/release = 1/, 'release = 2'));
    const build = await workspace.failingNx('run reqset1-wheel-an-example-pypi-project:rpm');
    expect(build).toContain('as derived from reqsets/reqset1/pylock.toml');
  });
});

describe('a source build that fails', () => {
  it('shows the cause first, the last lines, and the log', async () => {
    await edit('apps/an_example_pypi_project/src/an_example_pypi_project/_rms.c', (text) =>
      text.replace('#include <math.h>', '#include <no_such_header.h>'),
    );
    const build = await workspace.failingNx('run reqset1-wheel-an-example-pypi-project:rpm');
    expect(build).toContain(
      'an-example-pypi-project 0.0.4: its wheel could not be built: the header no_such_header.h is missing',
    );
    const log = 'dist/logs/reqset1/reqset1-wheel-an-example-pypi-project.log';
    expect(build).toContain(`Full log: ${log}`);
    expect(await readFile(workspace.path(log), 'utf8')).toContain(
      'fatal error: no_such_header.h: No such file or directory',
    );
  });
});

describe('a pyproject.toml and a lock that cannot be read', () => {
  it('fail what is built from them, with file and cause, and nothing else', async () => {
    await edit('apps/web_service/pyproject.toml', (text) => `${text}\nx = [\n`);
    await edit('reqsets/reqset2/pylock.toml', (text) => text.replaceAll(/^sha256 = .*$/gm, ''));
    const output = await workspace.failingNx('run-many -t rpm -p web_service,reqset1,reqset2');
    expect(output).toMatch(/apps\/web_service\/pyproject\.toml:\d+:\d+: Invalid TOML/);
    expect(output).toMatch(/reqsets\/reqset2\/pylock\.toml.*sha256 is missing, expected a string/s);
    const others = everyTask.filter((task) => /^(?:reqset1[-:]|pinpack-runtime:)/.test(task));
    expect(others).toContain('reqset1-wheel-pip:rpm');
    expect(cachedTasks(output)).toEqual(expect.arrayContaining(others));
    expect(output).toMatch(/✔ +nx run reqset1:rpm +\[.*cache/);
  });
});

describe('a lock', () => {
  it('that is older than its requirements or constraints is reported by sync:check', async () => {
    await writeFile(workspace.path('reqsets/reqset1/constraints.txt'), 'numpy<2\n');
    await edit('reqsets/reqset2/requirements.txt', (text) => text.replace('pip==26.3', 'pip>=26'));
    const check = await workspace.failingNx('sync:check');
    expect(check).toContain('nx run reqset1:lock');
    expect(check).toContain('nx run reqset2:lock');
  });

  it('that is made again from the same requirements changes no byte', async () => {
    await workspace.nx('run reqset1:lock');
    expect(await workspace.run('git status --porcelain')).toBe('');
  });
});
