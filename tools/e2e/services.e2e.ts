/** Applications of each kind under a real systemd, installed, upgraded, taken back and removed by the real dnf, while a client asks all the time. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepository, type ProgramResult } from './index.js';
import { explainNoSystemd, SystemdRoot } from './systemd-root.js';
import { Workspace, WORKSPACE } from './workspace.js';

const SERVICE = 'small-web';
const reason = await explainNoSystemd();

// A migration that raises the version of the data, and fails in the release that is broken.
const MIGRATE = `

def migrate(version: str) -> None:
    import os
    if version == "0.3.0":
        raise SystemExit("no such table")
    with open(os.path.join(os.environ["STATE_DIRECTORY"], "migrated"), "a", encoding="utf-8") as file:
        file.write("{} {}\\n".format(version, os.getuid()))
`;

interface Load {
  requests: number;
  failed: number;
  failures: string[];
  answers: string[];
  slowest: number;
  gap: number;
}

let folder: string;
let workspace: Workspace;
let root: SystemdRoot;
let isStarted = false;
/** Repositories, by the version of the service. */
const releases = new Map<string, string>();

async function edit(file: string, ...changes: [from: string, to: string][]): Promise<void> {
  let text = await readFile(workspace.path(file), 'utf8');
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  await writeFile(workspace.path(file), text);
}

async function release(version: string): Promise<void> {
  await workspace.nx('run small:lock');
  await workspace.nx('run-many -t rpm');
  const files = await readdir(workspace.path('dist/rpms'), { recursive: true });
  const rpms = files.filter((file) => file.endsWith('.rpm')).map((file) => workspace.path('dist/rpms', file));
  releases.set(version, await makeRepository(join(folder, version), rpms));
}

async function raise(from: string, to: string): Promise<void> {
  await edit('apps/web/pyproject.toml', [`version = "${from}"`, `version = "${to}"`]);
  await edit('apps/web/src/web/__init__.py', [`"${from}"`, `"${to}"`]);
  await release(to);
}

/** One application of each kind, in a reqset without pins; the service answers with its version and migrates its data. */
async function makeApplications(): Promise<void> {
  await workspace.nx('g pinpack:reqset small');
  await workspace.nx('g pinpack:app core --kind library');
  for (const [name, kind] of Object.entries({ web: 'service', nightly: 'job', ask: 'cli' })) {
    await workspace.nx(`g pinpack:app ${name} --kind ${kind}`);
  }
  await edit('apps/ask/pyproject.toml', ['dependencies = []', 'dependencies = ["core"]']);
  await edit('apps/ask/src/ask/__main__.py', ['from . import greeting', 'from core import greeting']);
  await edit('apps/web/pyproject.toml', ['# migrate = ', 'migrate = ']);
  const init = workspace.path('apps/web/src/web/__init__.py');
  await writeFile(init, `${await readFile(init, 'utf8')}\n\nVERSION = "0.1.0"\n${MIGRATE}`);
  await edit(
    'apps/web/src/web/server.py',
    ['os.environ.get("GREETING", "Hello")', 'VERSION'],
    ['import os\n', 'import os\n\nfrom . import VERSION\n'],
  );
  await edit(
    'apps/web/src/web/__main__.py',
    ['from .server', 'from . import VERSION, migrate\nfrom .server'],
    ['    options = parser', '    commands.add_parser("migrate", help="migrates the data")\n    options = parser'],
    ['    serve(', '    if options.command == "migrate":\n        return migrate(VERSION)\n    serve('],
  );
}

async function succeed(running: Promise<ProgramResult>): Promise<string> {
  const result = await running;
  expect(result.failed, result.all).toBe(false);
  expect(result.all).not.toMatch(/scriptlet failed/);
  return result.stdout;
}

const systemctl = async (...words: string[]): Promise<string> => succeed(root.run(['systemctl', ...words]));
const stateOf = async (unit: string): Promise<string> => (await root.run(['systemctl', 'is-active', unit])).stdout;
const answer = async (): Promise<string> => {
  const script =
    'import http.client as h; c = h.HTTPConnection("127.0.0.1", 8000); c.request("GET", "/"); print(c.getresponse().read().decode())';
  return (await succeed(root.run(['python3', '-c', script]))).trim();
};

/** Runs something while a client asks all the time, and for a moment before and after it. */
async function underLoad(run: () => Promise<unknown>): Promise<Load> {
  await root.run(['rm', '-f', '/tmp/load']);
  const client = root.run(['sh', '-c', 'python3 /srv/client.py 127.0.0.1 8000 / & echo $! > /tmp/load; wait $!']);
  await root.run(['sh', '-c', 'until [ -s /tmp/load ]; do sleep 0.1; done; sleep 1']);
  try {
    await run();
  } finally {
    await root.run(['sh', '-c', 'sleep 1; kill $(cat /tmp/load)']);
  }
  const load = JSON.parse(await succeed(client)) as Load;
  if (process.env.PINPACK_E2E_FIGURES !== undefined) console.log(JSON.stringify(load));
  return load;
}

// Its tests continue each other.
describe.skipIf(reason !== undefined)(`services under systemd ${reason === undefined ? '' : `(${reason})`}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-services-'));
    workspace = new Workspace(join(folder, 'workspace'));
    await mkdir(workspace.folder);
    await writeFile(workspace.path('package.json'), JSON.stringify({ name: 'own', private: true }));
    await writeFile(workspace.path('nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true }));
    for (const name of ['node_modules', '.venv']) await symlink(join(WORKSPACE, name), workspace.path(name));
    await workspace.run('git init --quiet .');
    await workspace.nx('g pinpack:init');
    await makeApplications();
    await release('0.1.0');
    await raise('0.1.0', '0.2.0');
    await raise('0.2.0', '0.3.0');
    root = await SystemdRoot.start(join(folder, 'root'));
    isStarted = true;
    const client = await readFile(join(WORKSPACE, 'tools/e2e/service-client.py'));
    await writeFile(root.path('/srv/client.py'), client);
    const names = ['web', 'nightly', 'ask', 'core'].map((name) => `small-${name}`);
    await succeed(root.dnf(releases.get('0.1.0') ?? '', ['install', ...names]));
  });
  afterAll(async () => {
    if (isStarted) await root.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('a command and a library run', async () => {
    expect(await succeed(root.run(['/usr/bin/ask', 'you']))).toBe('Hello, you!');
    const script = 'import core; print(core.greeting("library"))';
    expect(await succeed(root.run(['/opt/small-core/venv/bin/python', '-c', script]))).toBe('Hello, library!');
  });

  it('a job runs by its timer, as its account, and keeps its state', async () => {
    await systemctl('enable', '--now', 'small-nightly.timer');
    expect(await systemctl('list-timers', 'small-nightly.timer')).toContain('small-nightly.service');
    for (let runs = 0; runs < 2; runs++) await systemctl('start', 'small-nightly.service');
    const journal = await succeed(root.run(['journalctl', '-u', 'small-nightly.service', '-o', 'cat']));
    expect(journal).toMatch(/^previous run: never$/m);
    expect(journal).toMatch(/^previous run: 20\d\d-/m);
    expect(await succeed(root.run(['stat', '-c', '%U', '/var/lib/nightly/last-run']))).toBe('nightly');
  });

  it('a service migrates before its first start, and answers on the socket of systemd', async () => {
    await systemctl('enable', '--now', SERVICE);
    expect(await answer()).toBe('0.1.0');
    const uid = (await succeed(root.run(['id', '-u', 'web']))).trim();
    expect(await succeed(root.run(['cat', '/var/lib/web/migrated']))).toBe(`0.1.0 ${uid}`);
    expect(await stateOf(`${SERVICE}.socket`)).toBe('active');
    expect(await systemctl('is-enabled', `${SERVICE}.socket`)).toContain('enabled');
    // In its sandbox it can write nothing but its own folders.
    const properties = await systemctl('show', '-p', 'ProtectSystem,NoNewPrivileges,User', SERVICE);
    expect(properties.split('\n').sort()).toEqual(['NoNewPrivileges=yes', 'ProtectSystem=strict', 'User=web']);
  });

  it('an upgrade loses no request, and migrates before it restarts', async () => {
    const load = await underLoad(() => succeed(root.dnf(releases.get('0.2.0') ?? '', ['upgrade', SERVICE])));
    expect(load.failures).toEqual([]);
    expect(load.answers).toEqual(['0.1.0', '0.2.0']);
    expect(load.requests).toBeGreaterThan(100);
    const migrated = await succeed(root.run(['cut', '-d', ' ', '-f', '1', '/var/lib/web/migrated']));
    expect(migrated.split('\n')).toEqual(['0.1.0', '0.2.0']);
    expect((await root.run(['rpm', '-V', SERVICE])).all).toBe('');
  });

  it('after a migration that fails, the old version answers, dnf reports it, and so does rpm -V', async () => {
    let output = '';
    const load = await underLoad(async () => {
      output = (await root.dnf(releases.get('0.3.0') ?? '', ['upgrade', SERVICE])).all;
    });
    expect(load.failures).toEqual([]);
    expect(load.answers).toEqual(['0.2.0']);
    expect(output).toContain(`the migration of ${SERVICE} failed (exit-code)`);
    expect(output).toContain(`dnf reinstall ${SERVICE}`);
    expect(output).toMatch(/POSTTRANS scriptlet/);
    expect((await root.run(['rpm', '-V', SERVICE])).failed).toBe(true);
    // The old environment serves on, also after a restart.
    await systemctl('restart', SERVICE);
    expect(await answer()).toBe('0.2.0');
  });

  it('goes back by downgrade', async () => {
    const load = await underLoad(() => succeed(root.dnf(releases.get('0.2.0') ?? '', ['downgrade', SERVICE])));
    expect(load.failures).toEqual([]);
    expect(await answer()).toBe('0.2.0');
    expect((await root.run(['rpm', '-V', SERVICE])).all).toBe('');
  });

  it('is stopped and disabled when it is removed', async () => {
    await succeed(root.dnf(releases.get('0.2.0') ?? '', ['remove', 'small-*']));
    for (const unit of [SERVICE, `${SERVICE}.socket`, `${SERVICE}-migrate@venv`, 'small-nightly.timer']) {
      expect(await stateOf(unit)).toBe('inactive');
    }
    const left = await succeed(root.run(['find', '/etc', '/opt', '/usr/lib/systemd', '-name', 'small-*']));
    expect(left).toBe('');
    // The data is the administrator's.
    expect(await succeed(root.run(['ls', '/var/lib/web']))).toBe('migrated');
  });
});
