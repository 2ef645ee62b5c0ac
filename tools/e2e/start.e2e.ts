/** docs/start.md, command by command: from an empty folder to the installed application and its second release, with the published npm packages. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProgram, type ProgramResult } from '@pinpack/common/program';
import { makeRepository } from 'pinpack/install-root';
import { runPage, Session } from '../docs/run-page.js';
import { NetworkHost } from './network-host.js';
import { startNpmRegistry, type NpmRegistry } from './npm-registry.js';
import { packPublished } from './packed-workspace.js';
import { WORKSPACE } from './workspace.js';

const PAGE = 'docs/start.md';

let folder: string;
let registry: NpmRegistry;
let session: Session;
let host: NetworkHost | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-start-'));
  registry = await startNpmRegistry(await packPublished(join(folder, 'archives')));
  const home = join(folder, 'home');
  await mkdir(home);
  await shareDownloads(join(folder, 'npm'));
  session = await Session.open(join(folder, 'session'), home, {
    ...{ HOME: home, NO_COLOR: '1', FORCE_COLOR: '0', CI: '', NODE_ENV: '', VITEST: '', NX_DAEMON: 'false' },
    npm_config_registry: registry.url,
    npm_config_cache: join(folder, 'npm'),
    npm_config_yes: 'true',
    // Configured for the user, who is another one here.
    PIP_CONFIG_FILE: process.env.PIP_CONFIG_FILE ?? join(homedir(), '.config/pip/pip.conf'),
    UV_CACHE_DIR: process.env.UV_CACHE_DIR ?? join(homedir(), '.cache/uv'),
    // No uv and no pinpack of this repository.
    PATH: (process.env.PATH ?? '')
      .split(':')
      .filter((path) => !path.startsWith(WORKSPACE))
      .join(':'),
  });
});
afterAll(async () => {
  await session.run('GNUPGHOME=~/.gnupg gpgconf --kill gpg-agent');
  await session.close();
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

/** npm's downloads are the user's, found by their digests; programs that npx installed are not: they may be older than the archives. */
async function shareDownloads(cache: string): Promise<void> {
  const own = join((await readProgram('npm', ['config', 'get', 'cache'])).trim(), '_cacache');
  await mkdir(own, { recursive: true });
  await mkdir(cache);
  await symlink(own, join(cache, '_cacache'));
}

/** The server is made when the first RPMs are there: dnf needs a package that stands for the machine's own. */
async function onServer(command: string): Promise<ProgramResult> {
  host ??= await makeServer();
  return host.run('/bin/sh', '-c', command);
}

async function makeServer(): Promise<NetworkHost> {
  const packages = join(folder, 'home/our-servers/dist/repo/our-servers/packages');
  const rpms = (await readdir(packages)).map((file) => join(packages, file));
  const all = await makeRepository(join(folder, 'all'), rpms);
  const shims = (await readdir(all)).filter((file) => file.startsWith('host-shim-')).map((file) => join(all, file));
  const system = await makeRepository(join(folder, 'system'), shims, { withHost: false });
  const made = await NetworkHost.make(join(folder, 'server'), system);
  await mkdir(made.path('/etc/dnf/vars'), { recursive: true });
  await writeFile(made.path('/etc/dnf/vars/releasever'), '9\n');
  await writeFile(made.path('/etc/dnf/dnf.conf'), '[main]\nassumeyes=True\ninstall_weak_deps=False\n');
  return made;
}

it(
  'every command works, and shows what the page shows',
  async () => {
    const started = performance.now();
    const page = await readFile(join(WORKSPACE, PAGE), 'utf8');
    const differences = await runPage(page, PAGE, { $: (command) => session.run(command), '#': onServer });
    expect(differences.join('\n')).toBe('');
    const minutes = (performance.now() - started) / 60_000;
    console.log(`${PAGE}: from an empty folder to the second release in ${minutes.toFixed(1)} minutes`);
  },
  20 * 60_000,
);
