/** What one clone made, another gets from S3: by Nx's own hash where all is the same, and by the executors' keys in another repository. */
import { appendFile, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { commitAll, copyInstalled, fileDigests, removeBuilt, Workspace } from './workspace.js';

const RPM = 'nx run reqset1-an_example_pypi_project:rpm';
const NOWHERE = 'http://127.0.0.1:9/simple';

let folder: string;
let s3: S3Server;
let expected: Map<string, string>;
/** Of each test, which finds it as a fresh one. */
let other: Workspace;

/** The command with a store and the variables; `2>&1 |` for what is told to come in order. */
function command(environment: Record<string, string>): string {
  const variables = { ...s3.environment('writer'), PINPACK_STORE: s3.url('clones'), ...environment };
  const words = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  return `set -o pipefail; env ${words.join(' ')} node_modules/.bin/${RPM} 2>&1 | cat`;
}

/** As after `git clone` and `npm ci`: nothing was built here, and no cache of this machine knows of it. */
function freshClone(name: string): Promise<Workspace> {
  return copyInstalled(new Workspace(inject('built')), join(folder, name));
}

/** Without an index: what isn't in the store can't be had. */
const OFFLINE = { PIP_INDEX_URL: NOWHERE, UV_INDEX_URL: NOWHERE, UV_DEFAULT_INDEX: NOWHERE };

describeWithS3('a store on S3', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-clones-'));
    s3 = await startS3();
    const clone = await freshClone('first');
    const output = await clone.run(command({ ...cacheOf(clone), PINPACK_STORE_MODE: 'read-write' }));
    expect(output).toMatch(/pinpack store: 0 of \d+ from s3:.*, \d+ built, \d+ uploaded$/m);
    expected = await outputsOf(clone);
    // numpy, scipy, the library and the application.
    expect([...expected.keys()].filter((file) => file.endsWith('.rpm'))).toHaveLength(4);
    other = await freshClone('other');
  });
  afterEach(async () => {
    await removeBuilt(other);
    await rm(other.cache, { recursive: true, force: true });
  });
  afterAll(async () => {
    await s3.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('gives a fresh clone at another path every task, byte for byte, and nothing is built', async () => {
    const output = await other.run(command({ ...cacheOf(other), ...OFFLINE }));
    expect(output).toMatch(/Cache: +(\d+)\/\1 hit \(100%\)/);
    expect(output).toMatch(/^pinpack store: (\d+) of \1 from s3:\/\/\S+ \(.* in .* s\)$/m);
    expect(await outputsOf(other)).toEqual(expected);
  });

  it('gives nothing to a change of what determines bytes', async () => {
    await appendFile(other.path('apps/an_example_pypi_project/src/an_example_pypi_project/__init__.py'), '# changed\n');
    const line = command(cacheOf(other)).replace(RPM, 'nx run reqset1-wheel-an-example-pypi-project:wheel');
    expect(await other.run(line)).toContain('reqset1-wheel-an-example-pypi-project: built from');
    await other.run('git checkout --quiet .');
  });

  it('serves executors of a repository with another nx.json: Nx misses, and nothing is built', async () => {
    await changeNxJson(other);
    const log = join(folder, 'calls.log');
    await watchBuildTools(other, log);
    const output = await other.run(
      command({ ...cacheOf(other), ...OFFLINE, PATH: `${other.path('bin')}:${process.env.PATH ?? ''}` }),
    );
    expect(output).toMatch(/Cache: +0\/\d+ hit \(0%\)/);
    expect(output).toMatch(/^pinpack store: (\d+) of \1 from s3:/m);
    expect(await outputsOf(other)).toEqual(expected);
    const calls = (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    expect(calls.filter((line) => !/^(?:uv|cc|c\+\+|ld) (?:--version|python find)/.test(line))).toEqual([]);
  });
});

/** What uv downloads, it downloads for this clone alone. */
function cacheOf(clone: Workspace): Record<string, string> {
  return { UV_CACHE_DIR: join(clone.cache, 'uv') };
}

/** Every output of the tasks, by its digest. */
async function outputsOf(clone: Workspace): Promise<Map<string, string>> {
  const kinds = await Promise.all(['.rpm', '.whl', '.json'].map((ending) => fileDigests(clone.path('dist'), ending)));
  return new Map(kinds.flatMap((files) => [...files]));
}

/** Another team's: the hash of every task is another. */
async function changeNxJson(clone: Workspace): Promise<void> {
  const nxJson = JSON.parse(await readFile(clone.path('nx.json'), 'utf8')) as object;
  const namedInputs = { ours: ['{projectRoot}/**/*'] };
  const targetDefaults = { rpm: { metadata: { description: 'ours' } }, wheel: { metadata: { description: 'ours' } } };
  await writeFile(clone.path('nx.json'), JSON.stringify({ ...nxJson, namedInputs, targetDefaults, parallel: 2 }));
  await appendFile(clone.path('.gitignore'), 'ours\n');
  await commitAll(clone, 'ours');
}

/** Programs that write their words down before they do anything. */
async function watchBuildTools(clone: Workspace, log: string): Promise<void> {
  await mkdir(clone.path('bin'));
  const uv = clone.path('.venv/bin/uv');
  await rename(uv, clone.path('.venv/bin/uv-itself'));
  await writeWatcher(uv, `exec ${clone.path('.venv/bin/uv-itself')} "$@"`, log);
  for (const name of ['cc', 'c++', 'ld'])
    await writeWatcher(clone.path('bin', name), `exec /usr/bin/${name} "$@"`, log);
}

async function writeWatcher(path: string, then: string, log: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\necho "$(basename "$0") $*" >> ${log}\n${then}\n`);
  await chmod(path, 0o755);
}
