/** The remote cache in the ways in which people run Nx: two runs at once, a run within a run, a server of their own, pull requests. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODES, TinyWorkspace, type Mode } from './tiny-workspace.js';

const PLAIN: Mode = { daemon: false, isolation: false };
const PROJECTS = ['quick', 'waiting', 'after'];

let folder: string;
let store: string;
let workspace: TinyWorkspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-runs-'));
  store = join(folder, 'store');
  const wait = 'until [ -e ../../go ]; do sleep 0.1; done; mkdir -p out; cp input out/output';
  workspace = await TinyWorkspace.make(
    join(folder, 'workspace'),
    PROJECTS,
    { store: `file://${store}` },
    {
      waiting: { options: { command: wait, cwd: '{projectRoot}' } },
      after: { dependsOn: [{ projects: ['waiting'], target: 'make' }] },
    },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function entries(): Promise<string[]> {
  return readdir(join(store, 'v1/main/entries/nx')).catch(() => []);
}

describe.each(MODES)('with daemon: $daemon, isolated plugins: $isolation', (mode) => {
  const label = `${mode.daemon ? 'daemon' : 'no-daemon'}-${mode.isolation ? 'isolated' : 'shared'}`;
  let own: TinyWorkspace;

  beforeAll(async () => {
    own = workspace.as(mode, join(folder, label), {});
    for (const name of PROJECTS) await own.change(name, `${label} ${name}\n`);
  });
  afterAll(() => own.stopDaemon());

  it('two runs at once have a cache each, and the one that ends leaves the other its own', async () => {
    await rm(join(workspace.folder, 'go'), { force: true });
    const long = own.run(['after']);
    // Begun as soon as the other, and over while that still waits.
    const short = await own.run(['quick']);
    expect({ exitCode: short.exitCode, output: short.output }).toMatchObject({ exitCode: 0 });
    await writeFile(join(workspace.folder, 'go'), '');
    const { exitCode, output } = await long;
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    expect(await own.made('after')).toBe(`${label} after\n`);
  });

  it('what they made, another clone gets, in a line', async () => {
    const other = workspace.as(mode, join(folder, `${label}-other`), {});
    const { output, told } = await other.run(PROJECTS);
    await other.stopDaemon();
    expect(output.match(/\[remote cache\]/g)).toHaveLength(3);
    expect(told).toEqual([expect.stringMatching(new RegExp(`^pinpack store: 3 of 3 from ${store} \\(.* in .* s\\)$`))]);
    expect(await other.made('after')).toBe(`${label} after\n`);
  });

  it('two runs that begin at once work too', async () => {
    const others = [1, 2].map((one) => workspace.as(mode, join(folder, `${label}-both`), { ONE: String(one) }));
    const runs = await Promise.all(others.map((one) => one.run(['quick', 'after'])));
    await others[0]?.stopDaemon();
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});

it("a server of the user's own is asked, and ours stays out", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.headers.authorization ?? ''}`);
    request.resume();
    response.writeHead(request.method === 'GET' ? 404 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = workspace.as(PLAIN, join(folder, 'own-server'), {
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'theirs',
  });
  await own.change('quick', 'a server of their own\n');
  const before = await entries();
  expect((await own.run(['quick'])).exitCode).toBe(0);
  server.close();
  server.closeAllConnections();
  expect(asked).toEqual(['GET Bearer theirs', 'PUT Bearer theirs']);
  expect(await entries()).toEqual(before);
});

it('PINPACK_STORE_MODE=off uses no store, and =read writes nothing', async () => {
  await own('off', { PINPACK_STORE_MODE: 'off' });
  await own('read', { PINPACK_STORE_MODE: 'read' });

  async function own(name: string, environment: Record<string, string>): Promise<void> {
    await workspace.change('quick', `${name}\n`);
    const before = await entries();
    const { exitCode, told } = await workspace.as(PLAIN, join(folder, name), environment).run(['quick']);
    expect(exitCode).toBe(0);
    expect(told).toEqual(name === 'off' ? [] : [expect.stringMatching(/^pinpack store: 0 of 1 from .*, 1 built$/)]);
    expect(await entries()).toEqual(before);
  }
});

it.each(MODES)(
  'what a pull request writes, main does not read; daemon: $daemon, isolated plugins: $isolation',
  async (mode) => {
    const label = `pull-request-${mode.daemon ? 'daemon' : ''}-${mode.isolation ? 'isolated' : ''}`;
    // The daemon is handed none of these variables by Nx.
    const pullRequest = {
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_REF: 'refs/pull/7/merge',
    };
    const page = join(folder, `${label}.md`);
    const written = workspace.as(mode, join(folder, label), { ...pullRequest, GITHUB_STEP_SUMMARY: page });
    await written.change('quick', `${label}\n`);
    const before = await entries();
    expect((await written.run(['quick'])).told).toEqual([expect.stringContaining('0 of 1')]);
    await written.stopDaemon();
    expect(await entries()).toEqual(before);
    expect(await readdir(folder)).toContain(`${label}.md`);
    const again = await workspace.as(PLAIN, join(folder, `${label}-again`), pullRequest).run(['quick']);
    expect(again.told).toEqual([expect.stringContaining('1 of 1')]);
    const main = await workspace.as(PLAIN, join(folder, `${label}-main`), {}).run(['quick']);
    expect(main.told).toEqual([expect.stringContaining('0 of 1')]);
  },
);
