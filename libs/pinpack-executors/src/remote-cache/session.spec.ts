import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NxPlugin } from '@nx/devkit';
import { LoadedNxPlugin } from 'nx/src/project-graph/plugins/loaded-nx-plugin.js';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { isAlive } from './client-process.js';
import { startClient } from './client.fixture.js';
import * as hooks from './hooks.js';
import { v8Options } from './open-session.js';
import { readSession } from './run-folder.js';

let folder: string;
let store: string;
let shown: string[];
let runs = 0;

beforeEach(() => {
  folder = temporaryFolder();
  store = join(folder, 'store');
  shown = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void shown.push(line));
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void shown.push(line));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  for (const name of ['PINPACK_STORE', 'PINPACK_STORE_RUN', 'PINPACK_STORE_MODE', 'GITHUB_STEP_SUMMARY', 'CI'])
    vi.stubEnv(name, undefined);
  // Then Nx records what a hook writes, as it does under the daemon and in a plugin worker.
  vi.stubEnv('NX_ISOLATE_PLUGINS', 'true');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
});

/** As Nx calls the hooks of a run. */
function startRun(argv: string[] = ['node', 'nx', 'run', 'a:b'], options: object = { store: `file://${store}` }) {
  const plugin = new LoadedNxPlugin({ name: 'pinpack', ...hooks } as NxPlugin, { plugin: 'pinpack', options }, 0);
  const context = { id: `run${runs++}-${process.pid}`, workspaceRoot: folder, nxJsonConfiguration: {}, argv };
  return {
    // The daemon writes the answer as soon as it's there.
    start: async () => ({ ...((await plugin.preTasksExecution?.(context)) as Record<string, string>) }),
    end: () => plugin.postTasksExecution?.({ ...context, taskResults: {}, startTime: 0, endTime: 1 }),
  };
}

function ask(environment: Record<string, string>, method: string, key: string, body?: string): Promise<Response> {
  return fetch(`${environment.NX_SELF_HOSTED_REMOTE_CACHE_SERVER}/v1/cache/${key}`, {
    method,
    headers: { Authorization: `Bearer ${environment.NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN}` },
    ...(body !== undefined && { body }),
  });
}

function serverOf({ PINPACK_STORE_RUN = '' }: Record<string, string>): number {
  return readSession(PINPACK_STORE_RUN)?.server.pid ?? 0;
}

test('the server has an option of V8 on the versions of Node that are known to have it', () => {
  expect(['20.19.0', '22.12.0', '24.21.0'].map((version) => v8Options(version).length)).toEqual([1, 1, 1]);
  expect(v8Options('25.0.0')).toEqual([]);
});

describe('a run', () => {
  test('has a server of its own until its end, and prints a line', async () => {
    const run = startRun();
    const environment = await run.start();
    const pid = serverOf(environment);
    expect(isAlive(pid)).toBe(true);
    expect((await ask(environment, 'GET', '1')).status).toBe(404);
    expect((await ask(environment, 'PUT', '1', 'content')).status).toBe(200);
    expect(await (await ask(environment, 'GET', '1')).text()).toBe('content');
    await run.end();
    expect(shown).toEqual([
      expect.stringMatching(/^pinpack store: 1 of 2 from .*\/store \(7 B in 0\.\d s\), 1 built$/),
    ]);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(existsSync(environment.PINPACK_STORE_RUN ?? '')).toBe(false);
  });

  test('leaves nothing in the environment of the daemon, which would compute its graph again', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
    vi.stubEnv('NO_PROXY', 'localhost');
    const before = { ...process.env };
    const run = startRun();
    const environment = await run.start();
    expect(environment.NO_PROXY).toBe('localhost,127.0.0.1');
    expect({ ...process.env }).toEqual(before);
    await run.end();
  });

  test('without a store costs nothing and prints nothing', async () => {
    const run = startRun([], {});
    expect(await run.start()).toEqual({});
    await run.end();
    expect(shown).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('two runs at once: each has its own and ends its own', async () => {
    const [one, two] = [startRun(), startRun()];
    const [first, second] = await Promise.all([one.start(), two.start()]);
    expect(first.PINPACK_STORE_RUN).not.toBe(second.PINPACK_STORE_RUN);
    expect((await ask(first, 'PUT', '1', 'content')).status).toBe(200);
    const mixed = {
      ...first,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: second.NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN,
    };
    expect((await ask(mixed as Record<string, string>, 'GET', '1')).status).toBe(401);
    await one.end();
    expect(await (await ask(second, 'GET', '1')).text()).toBe('content');
    await two.end();
    expect(shown).toEqual([expect.stringMatching(/^pinpack store: 1 of 1 /)]);
  });

  test('within another uses its session', async () => {
    const outer = startRun();
    const environment = await outer.start();
    vi.stubEnv('PINPACK_STORE_RUN', environment.PINPACK_STORE_RUN);
    const inner = startRun();
    expect(await inner.start()).toEqual({});
    await inner.end();
    expect((await ask(environment, 'GET', '1')).status).toBe(404);
    await outer.end();
    // One whose run is over is none.
    const later = startRun();
    expect(await later.start()).toHaveProperty('PINPACK_STORE_SERVER');
    await later.end();
  });

  test("with a server of the user's has none of ours, and its store all the same", async () => {
    vi.stubEnv('NX_SELF_HOSTED_REMOTE_CACHE_SERVER', 'http://127.0.0.1:9');
    const run = startRun();
    const environment = await run.start();
    expect(Object.keys(environment)).toEqual(['PINPACK_STORE_RUN']);
    await run.end();
    expect(existsSync(environment.PINPACK_STORE_RUN ?? '')).toBe(false);
  });

  test('with a wrong URL of the store, or with wrong options, stops before its first task', async () => {
    await expect(startRun(undefined, { store: 'ftp://there' }).start()).rejects.toThrow(
      /^ftp:\/\/there: it is not [^]*STORE_LOCATION_INVALID[^]*PINPACK_STORE/,
    );
    await expect(startRun(undefined, { stroe: 'file:///srv' }).start()).rejects.toThrow('did you mean store?');
    expect(shown).toEqual([]);
  });

  test('that publishes without a location, a key or a bucket stops before its first task', async () => {
    const start = (publish: object, words = 'run a:publish') =>
      startRun(['node', 'nx', ...words.split(' ')], { publish }).start();
    await expect(start({})).rejects.toThrow('[PINPACK_PUBLISH_MISSING]');
    await expect(start({ to: 's3:/bucket' })).rejects.toThrow('[STORE_LOCATION_INVALID]');
    vi.stubEnv('PINPACK_SIGN_KEY_FILE', join(folder, 'no.key'));
    await expect(start({ to: `file://${store}` })).rejects.toThrow(
      /no\.key: the key file does not exist \[REPO_KEY_UNUSABLE/,
    );
    expect(await start({}, 'run a:rpm')).toEqual({});
  });

  test('whose server was killed still prints its line', async () => {
    const run = startRun();
    const environment = await run.start();
    await ask(environment, 'GET', '1');
    process.kill(serverOf(environment), 'SIGKILL');
    await run.end();
    expect(shown).toEqual([expect.stringMatching(/^pinpack store: 0 of 1 /)]);
  });

  test('that was killed leaves no server behind', async () => {
    const { child, argv } = await startClient(folder, ['run', 'a:b']);
    vi.stubEnv('NX_DAEMON_PROCESS', 'true');
    const environment = await startRun(argv).start();
    const pid = serverOf(environment);
    expect((await ask(environment, 'GET', '1')).status).toBe(404);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    expect(existsSync(environment.PINPACK_STORE_RUN ?? '')).toBe(false);
  });

  test('whose folder is removed leaves no server behind', async () => {
    const environment = await startRun().start();
    const pid = serverOf(environment);
    rmSync(environment.PINPACK_STORE_RUN ?? '', { recursive: true });
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });

  test('of an unknown client under the daemon writes nothing by default', async () => {
    vi.stubEnv('NX_DAEMON_PROCESS', 'true');
    const run = startRun(['node', 'nx', 'no-such-words']);
    const environment = await run.start();
    expect((await ask(environment, 'PUT', '1', 'content')).status).toBe(403);
    await run.end();
  });
});

test('a job of CI has the line on its summary page', async () => {
  const page = join(folder, 'summary.md');
  vi.stubEnv('GITHUB_STEP_SUMMARY', page);
  const run = startRun();
  await ask(await run.start(), 'GET', '1');
  await run.end();
  expect(readFileSync(page, 'utf8')).toMatch(/^pinpack store: 0 of 1 from .*, 1 built\n\n<details>/);
});
