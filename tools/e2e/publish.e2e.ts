/** A release as it reaches a server: published to a real S3 server, installed and upgraded from there by dnf over HTTP with all checks on, taken back. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3_BUCKET, startFaultProxy, startS3, startWebFront, type FaultProxy, type S3Server } from '@pinpack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeRepository } from 'pinpack/install-root';
import { readProgram, runProgram } from '@pinpack/common/program';
import { sha256File } from './rpm-query.js';
import { NetworkHost } from './network-host.js';
import { copyWorkspace, Workspace } from './workspace.js';

const EXAMPLE = 'reqset3-an_example_pypi_project';
const NUMPY = 'reqset3-wheel-numpy';
const OLD = `${NUMPY}-2.4.5-1.x86_64.rpm`;
const NEW = `${NUMPY}-2.4.6-1.x86_64.rpm`;
const DELTA = `${NUMPY}-2.4.5-1_2.4.6-1.x86_64.drpm`;

let folder: string;
let server: S3Server;
/** Between dnf and the server: it tells what was asked for, and tampers. */
let way: FaultProxy;
let base: string;
let workspace: Workspace;
let system: string;
/** Ids and outputs. */
const first = { id: '', output: '' };
const second = { id: '', output: '' };

/** A key of its own, as CI has one in a file. */
async function makeKey(): Promise<string> {
  const home = join(folder, 'gpg');
  await mkdir(home, { mode: 0o700 });
  const options = { env: { GNUPGHOME: home } };
  const words = [
    '--batch',
    '--passphrase',
    '',
    '--quick-gen-key',
    'Releases <releases@example.org>',
    'rsa2048',
    'sign',
  ];
  await readProgram('gpg', words, options);
  const key = join(folder, 'key.asc');
  await writeFile(key, await readProgram('gpg', ['--batch', '--armor', '--export-secret-keys'], options));
  await readProgram('gpgconf', ['--kill', 'gpg-agent'], options);
  await rm(home, { recursive: true, force: true });
  return key;
}

async function pinNumpy(version: string): Promise<void> {
  const file = workspace.path('reqsets/reqset3/requirements.txt');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^numpy==.*$/m, `numpy==${version}`));
  await workspace.execute('lock', { reqset: 'reqset3' });
}

async function latest(): Promise<string> {
  const text = await (await fetch(`${base}/reqset3/mirrorlist`)).text();
  return /releases\/(.+)\//.exec(text)?.[1] ?? '';
}

async function makeLatest(id: string): Promise<void> {
  if ((await latest()) !== id) await workspace.execute('rollback', { reqset: 'reqset3', to: id });
}

/** `packages/x.rpm` of a release, digested as the server gives it. */
async function digestOf(id: string, path: string): Promise<string> {
  const file = join(folder, 'downloaded');
  const answer = await fetch(`${base}/reqset3/releases/${id}/${path}`);
  expect(answer.status).toBe(200);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return sha256File(file);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-publish-'));
  server = await startS3({ publicPrefix: 'published' });
  way = await startFaultProxy(server.endpoint);
  base = `${way.endpoint}/${S3_BUCKET}/published`;
  const env = {
    ...server.environment('writer'),
    PINPACK_PUBLISH: server.url('published'),
    PINPACK_PUBLISH_URL: base,
    PINPACK_SIGN_KEY_FILE: await makeKey(),
  };
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'workspace'), { env });
  await workspace.run('rm -r reqsets/reqset3/pylock.toml reqsets/reqset3/pins');
  await pinNumpy('2.4.5');
  first.output = await workspace.nx('run reqset3:publish');
  first.id = await latest();
  system = await makeSystem();
});
afterAll(async () => {
  await way.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => way.heal());

/** A repository of the package that stands for the machine's own. */
async function makeSystem(): Promise<string> {
  const packages = workspace.path('dist/repo/reqset3/packages');
  const rpms = (await readdir(packages)).map((file) => join(packages, file));
  const all = await makeRepository(join(folder, 'all'), rpms);
  const shims = (await readdir(all)).filter((file) => file.startsWith('host-shim-')).map((file) => join(all, file));
  return makeRepository(join(folder, 'system'), shims, { withHost: false });
}

async function newHost(name: string): Promise<NetworkHost> {
  const host = await NetworkHost.make(join(folder, name), system);
  const repo = await fetch(`${base}/reqset3/reqset3.repo`);
  await host.addRepository('reqset3', await repo.text());
  return host;
}

/** What dnf asked the server for since the mark: file names. */
function askedSince(mark: number): string[] {
  return way.requests.slice(mark).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
}

async function versionOf(host: NetworkHost): Promise<string> {
  const script =
    'import numpy, an_example_pypi_project as example; print(numpy.__version__, example.rms(numpy.ones(3)))';
  const result = await host.run(`/opt/${EXAMPLE}/venv/bin/python`, '-c', script);
  expect(result.failed, result.all).toBe(false);
  return result.stdout;
}

describe('a release in a bucket', () => {
  let host: NetworkHost;

  it('is published, and again is the same', async () => {
    expect(first.output).toMatch(
      new RegExp(`reqset3: publication ${first.id} uploaded to s3://.*: \\d+ uploaded \\(.* MB\\), 0 copied; 0 deltas`),
    );
    expect(await workspace.nx('run reqset3:publish')).toContain(
      `publication ${first.id} at s3://${S3_BUCKET}/published is the latest already`,
    );
    expect(await latest()).toBe(first.id);
  });

  it('is installed by dnf over HTTP, signatures of packages and metadata checked', async () => {
    const config = await (await fetch(`${base}/reqset3/reqset3.repo`)).text();
    expect(config).toMatch(/^mirrorlist=http.*\ngpgkey=http.*\ngpgcheck=1\nrepo_gpgcheck=1$/m);
    host = await newHost('host');
    const mark = way.requests.length;
    const result = await host.dnf('install', EXAMPLE);
    expect(result.failed, result.all).toBe(false);
    expect(result.all).not.toMatch(/scriptlet failed/);
    expect(result.all).toContain('Key imported successfully');
    expect(askedSince(mark)).toEqual(expect.arrayContaining(['mirrorlist', 'repomd.xml', 'repomd.xml.asc', OLD]));
    expect(await versionOf(host)).toBe('2.4.5 1.0');
  });

  it('is upgraded by the delta alone, to the identical RPM', async () => {
    await pinNumpy('2.4.6');
    second.output = await workspace.nx('run reqset3:publish');
    second.id = await latest();
    expect(second.output).toMatch(
      new RegExp(
        `publication ${second.id} uploaded to s3://.*: \\d+ uploaded \\(.*\\), \\d+ copied; [1-9]\\d* deltas?`,
      ),
    );
    const mark = way.requests.length;
    const result = await host.dnf('upgrade', '--refresh');
    expect(result.failed, result.all).toBe(false);
    expect(result.all).toMatch(new RegExp(`\\[DRPM.*\\] ${DELTA.replace('.drpm', '')}.*: done`));
    expect(result.all).toMatch(/Delta RPMs reduced .* of updates to/);
    const asked = askedSince(mark);
    expect(asked).toContain(DELTA);
    expect(asked).not.toContain(NEW);
    const cache = host.path('var/cache/dnf');
    const rebuilt = (await readdir(cache, { recursive: true })).find((file) => file.endsWith(NEW)) ?? '';
    expect(await sha256File(join(cache, rebuilt))).toBe(await digestOf(second.id, `packages/${NEW}`));
    expect(await versionOf(host)).toBe('2.4.6 1.0');
  });

  it('is verified, and an RPM of it is traced to the lock', async () => {
    const checks = await workspace.nx('run reqset3:verify');
    expect(checks).toMatch(/ok {4}latest\.asc has a signature of the key/);
    expect(checks).not.toContain('FAIL');
    const file = join(folder, NEW);
    const answer = await fetch(`${base}/reqset3/releases/${second.id}/packages/${NEW}`);
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    expect(await workspace.nx(`run reqset3:provenance --rpm=${file}`)).toMatch(
      /ok {4}index: numpy-2\.4\.6-.*in the lock and in the provenance/,
    );
  });

  it('is published again after every RPM has been packed again', async ({ skip }) => {
    if (process.env.PINPACK_NIGHTLY !== '1') skip('PINPACK_NIGHTLY=1 packs them again: 10 s');
    const file = workspace.path('nx.json');
    const before = await readFile(file, 'utf8');
    const settings = JSON.parse(before) as { plugins: (string | { plugin: string })[] };
    const isOwn = (each: string | { plugin: string }) => (typeof each === 'string' ? each : each.plugin) === 'pinpack';
    const plugins = settings.plugins.filter((each) => !isOwn(each));
    const own = { plugin: 'pinpack', options: { publish: { reproduce: true } } };
    await writeFile(file, JSON.stringify({ ...settings, plugins: [...plugins, own] }));
    expect(await workspace.nx('run reqset3:publish')).toContain(`publication ${second.id} at`);
    await writeFile(file, before);
  });

  it('is taken back: the release before is the latest, and dnf follows', async () => {
    expect(await workspace.nx('run reqset3:rollback')).toContain(
      `publication ${first.id} at s3://${S3_BUCKET}/published is the latest, in place of ${second.id}`,
    );
    const result = await host.dnf('distro-sync', '--refresh');
    expect(result.failed, result.all).toBe(false);
    expect(await versionOf(host)).toBe('2.4.5 1.0');
    expect((await host.run('rpm', '-Va')).all).toBe('');
    await workspace.nx(`run reqset3:rollback --to=${second.id}`);
    const table = await workspace.nx('run reqset3:releases');
    expect(table).toMatch(new RegExp(`${second.id} .*← latest\\n *${first.id} `));
  });

  it.each([
    ['an RPM', OLD, [], /checksum|No more mirrors|Cannot download/i],
    ['repomd.xml', 'repomd.xml', ['--refresh'], /GPG signature|repomd/i],
  ])('%s that is tampered with is refused', async (_what, name, words, said) => {
    await makeLatest(first.id);
    const victim = await newHost(`victim-${name}`);
    await way.fail({ kind: 'flip', at: 300 }, { when: ({ path }) => path.endsWith(`/${name}`) });
    const result = await victim.dnf(...words, 'install', NUMPY);
    expect(result.failed, result.all).toBe(true);
    expect(result.all).toMatch(said);
    expect((await victim.run('rpm', '-q', NUMPY)).failed).toBe(true);
    await way.heal();
    const again = await victim.dnf('--refresh', 'install', NUMPY);
    expect(again.failed, again.all).toBe(false);
  });

  it('an RPM that nobody of ours signed is refused, though its metadata would match', async () => {
    const victim = await newHost('victim-signature');
    // As if the metadata were not signed: then the package's own signature is what is left.
    const config = await readFile(victim.path('etc/yum.repos.d/reqset3.repo'), 'utf8');
    const built = await readdir(workspace.path('dist/rpms'), { recursive: true });
    const rpms = built.filter((file) => file.endsWith(NEW) || /pinpack-runtime-\d.*\.rpm$/.test(file));
    await makeRepository(
      victim.path('unsigned'),
      rpms.map((file) => workspace.path('dist/rpms', file)),
      { withHost: false },
    );
    const text = config
      .replace(/^mirrorlist=.*$/m, 'baseurl=file:///unsigned')
      .replace('repo_gpgcheck=1', 'repo_gpgcheck=0');
    await victim.addRepository('reqset3', text);
    const result = await victim.dnf('install', NUMPY);
    expect(result.failed, result.all).toBe(true);
    expect(result.all).toMatch(/not signed|GPG check FAILED/);
  });

  it('a delta that is tampered with is refused, and nothing is upgraded by it', async () => {
    await makeLatest(first.id);
    const victim = await newHost('victim-delta');
    expect((await victim.dnf('install', NUMPY)).failed).toBe(false);
    await makeLatest(second.id);
    await way.fail({ kind: 'flip', at: 3000 }, { when: ({ path }) => path.endsWith(`/${DELTA}`) });
    const result = await victim.dnf('upgrade', '--refresh', NUMPY);
    expect(result.failed, result.all).toBe(true);
    expect(result.all).toMatch(new RegExp(`${DELTA}: .*checksum doesn't match`));
    expect((await victim.run('rpm', '-q', NUMPY)).stdout).toBe(OLD.replace('.rpm', ''));
    await way.heal();
    const again = await victim.dnf('upgrade', NUMPY);
    expect(again.all).toMatch(/Delta RPMs reduced/);
    expect((await victim.run('rpm', '-q', NUMPY)).stdout).toBe(NEW.replace('.rpm', ''));
  });

  it.each(['pip', 'uv'])(
    '%s installs its wheels by hashes alone, from the index and from one page',
    async (program) => {
      const { wheels } = (await (await fetch(`${base}/reqset3/releases/${second.id}/wheels.json`)).json()) as {
        wheels: { name: string; version: string; sha256: string }[];
      };
      const lines = wheels
        .filter(({ name }) => ['numpy', 'scipy', 'an-example-pypi-project'].includes(name))
        .map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`);
      expect(lines).toHaveLength(3);
      await writeFile(join(folder, 'hashed.txt'), lines.join(''));
      const front = await startWebFront(base);
      try {
        for (const from of [
          ['--index-url', `${front.url}/reqset3/simple/`],
          ['--no-index', '--find-links', `${base}/reqset3/find-links.html`],
        ]) {
          const target = await mkdtemp(join(folder, 'target-'));
          const python = workspace.path('.venv/bin/python');
          const words =
            program === 'pip'
              ? [python, '-m', 'pip', '--isolated', 'install', '--no-cache-dir', '--no-compile']
              : [workspace.path('.venv/bin/uv'), 'pip', 'install', '--no-config', '--no-cache', '--python', python];
          const rest = ['--require-hashes', '--target', target, ...from, '-r', join(folder, 'hashed.txt')];
          const [command = '', ...options] = [...words, ...rest];
          const result = await runProgram(command, options);
          expect(result.failed, result.all).toBe(false);
          const script =
            'import numpy, an_example_pypi_project as example; print(numpy.__version__, example.rms(numpy.ones(3)))';
          const ran = await runProgram(python, ['-c', script], { env: { PYTHONPATH: target } });
          expect(ran.stdout, ran.all).toBe('2.4.6 1.0');
        }
      } finally {
        await front.stop();
      }
    },
  );
});
