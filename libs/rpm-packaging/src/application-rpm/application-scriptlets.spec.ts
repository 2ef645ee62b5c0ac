import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptletName } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { applicationScriptlets, runtimeRequires, type ScriptletRequest } from './application-scriptlets.js';
import { unitActions } from './unit-names.js';

const PLAIN: ScriptletRequest = { name: 'reqset3-my_app', reqset: 'reqset3' };
const SERVICE: ScriptletRequest = { ...PLAIN, units: unitActions(['reqset3-my_app.service']), user: 'demo' };
const MANY: ScriptletRequest = {
  ...PLAIN,
  units: unitActions(['m.service', 'm.socket', 'm-job.service', 'm-job.timer', 'm@.service', 'm-migrate@.service']),
  hasTmpfiles: true,
  hasMigration: true,
};
const ENVIRONMENTS = '/usr/lib/pinpack/_environments/reqset3-my_app';
const FORGET = 'rm -rf /run/pinpack';
const MANIFEST = '--manifest /opt/reqset3-my_app/application.json';

interface Circumstances {
  /** The number of versions that stay, as rpm passes it. */
  count?: string;
  /** Programs that aren't there. */
  missing?: string[];
  /** Exit codes, by the program's name; of getent as if the account did not exist. */
  exits?: Record<string, number>;
  /** Environments of the application. */
  environments?: number;
}

/** Runs a scriptlet with a real /bin/sh and fake programs; gives its exit code and what it called, in order. */
async function run(
  order: ScriptletRequest,
  name: ScriptletName,
  { count = '1', missing = [], exits = {}, environments = 2 }: Circumstances = {},
) {
  const folder = temporaryFolder();
  const log = join(folder, 'calls');
  for (const program of [
    'pinpack-runtime',
    'systemctl',
    'systemd-tmpfiles',
    'getent',
    'groupadd',
    'useradd',
    'rm',
    'rmdir',
  ]) {
    if (missing.includes(program)) continue;
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/sh\necho "${program} $*" >> '${log}'\nexit ${exits[program] ?? 0}\n`);
    chmodSync(path, 0o755);
  }
  for (let i = 0; i < environments; i++) mkdirSync(join(folder, order.name, `${i}`), { recursive: true });
  const { interpreter = '', body = '' } = applicationScriptlets(order)[name] ?? {};
  const script = body
    .replaceAll('/usr/bin/', `${folder}/`)
    .replaceAll(`set -- '${ENVIRONMENTS}'`, `set -- '${join(folder, order.name)}'`);
  const { exitCode } = await execa(interpreter, ['-c', script, 'scriptlet', count], {
    reject: false,
    env: { PATH: folder },
    extendEnv: false,
  });
  return { exitCode, calls: existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [] };
}

describe('an application', () => {
  test('makes its environment, at installation and on each upgrade', async () => {
    for (const count of ['1', '2']) {
      expect((await run(PLAIN, 'post', { count })).calls).toEqual([`pinpack-runtime application make ${MANIFEST}`]);
    }
  });

  test('removes it when the last version goes, and not on an upgrade', async () => {
    expect((await run(PLAIN, 'preun', { count: '0' })).calls).toEqual([
      `pinpack-runtime application remove ${MANIFEST}`,
    ]);
    expect((await run(PLAIN, 'preun', { count: '1' })).calls).toEqual([]);
  });

  test('fails where the environment cannot be made or verified', async () => {
    for (const order of [PLAIN, SERVICE]) {
      for (const name of ['post', 'verify'] as const) {
        const { exitCode } = await run(order, name, { count: '0', exits: { 'pinpack-runtime': 3 } });
        expect(exitCode).toBe(3);
      }
    }
  });

  test('is removed even if pinpack-runtime fails or has no Python', async () => {
    const removed = [
      `rm -rf ${ENVIRONMENTS}/* ${ENVIRONMENTS}/.[!.]*`,
      'rm -f /var/lib/pinpack/reqset3/environments/reqset3-my_app-????????????????.csv',
      'rmdir /var/lib/pinpack/reqset3/environments',
    ];
    for (const circumstances of [{ exits: { 'pinpack-runtime': 1, rm: 1 } }, { missing: ['pinpack-runtime'] }]) {
      const { exitCode, calls } = await run(PLAIN, 'preun', { count: '0', ...circumstances });
      expect(exitCode).toBe(0);
      expect(calls.filter((call) => call.startsWith('rm'))).toEqual(removed);
    }
  });

  test('removes unused environments, and what pinpack-runtime remembers, after the transaction', async () => {
    const prune = `pinpack-runtime application prune ${MANIFEST}`;
    expect(await run(PLAIN, 'posttrans', { exits: { 'pinpack-runtime': 1 } })).toEqual({
      exitCode: 0,
      calls: [FORGET, prune],
    });
    expect((await run(SERVICE, 'posttrans')).calls).toEqual([
      FORGET,
      'systemctl try-restart reqset3-my_app.service',
      prune,
    ]);
  });

  test('does not start Python after a transaction that leaves no unused environment', async () => {
    for (const environments of [0, 1]) {
      expect((await run(PLAIN, 'posttrans', { environments })).calls).toEqual([FORGET]);
      expect(await run(MANY, 'posttrans', { environments, exits: { 'pinpack-runtime': 1 } })).toMatchObject({
        exitCode: 1,
      });
    }
  });

  test('has the runtime for every scriptlet that calls it', () => {
    const callers = Object.entries(applicationScriptlets(SERVICE)).filter(([, { body }]) => body.includes('pinpack-'));
    expect(runtimeRequires('0.1.0').when).toEqual(callers.map(([name]) => name));
  });
});

describe('a service', () => {
  test('is known to systemd before its environment is made, and preset at the first installation only', async () => {
    const make = `pinpack-runtime application make ${MANIFEST}`;
    expect((await run(SERVICE, 'post', { count: '1' })).calls).toEqual([
      'systemctl daemon-reload',
      'systemctl --no-reload preset reqset3-my_app.service',
      make,
    ]);
    expect((await run(SERVICE, 'post', { count: '2' })).calls).toEqual(['systemctl daemon-reload', make]);
  });

  test('is stopped and disabled before its environment goes', async () => {
    expect((await run(SERVICE, 'preun', { count: '0' })).calls).toEqual([
      'systemctl --no-reload disable --now reqset3-my_app.service',
      `pinpack-runtime application remove ${MANIFEST}`,
    ]);
    expect((await run(SERVICE, 'preun', { count: '1' })).calls).toEqual([]);
    expect((await run(SERVICE, 'postun', { count: '0' })).calls).toEqual(['systemctl daemon-reload']);
  });

  test('is installed and removed all the same where there is no systemd, or it refuses', async () => {
    for (const circumstances of [{ missing: ['systemctl'] }, { exits: { systemctl: 1 } }]) {
      for (const name of ['post', 'preun', 'postun', 'posttrans'] as const) {
        expect((await run(SERVICE, name, { count: '0', ...circumstances })).exitCode).toBe(0);
      }
    }
  });
});

describe('an application of several units', () => {
  const prune = `pinpack-runtime application prune ${MANIFEST}`;
  const migrate = `pinpack-runtime application switch ${MANIFEST}`;

  test('has folders before its environment, and what starts it is enabled', async () => {
    expect((await run(MANY, 'post', { count: '1' })).calls).toEqual([
      'systemctl daemon-reload',
      'systemctl --no-reload preset m-job.timer m.socket m.service',
      'systemd-tmpfiles --create /usr/lib/tmpfiles.d/reqset3-my_app.conf',
      `pinpack-runtime application make ${MANIFEST}`,
    ]);
  });

  test('is restarted once, after its migration', async () => {
    expect((await run(MANY, 'posttrans')).calls).toEqual([
      FORGET,
      migrate,
      'systemctl try-restart m.service m@*.service',
      prune,
    ]);
  });

  test('is not restarted after a migration that fails, which the exit code reports', async () => {
    const { exitCode, calls } = await run(MANY, 'posttrans', { exits: { 'pinpack-runtime': 1 } });
    expect({ exitCode, calls }).toEqual({ exitCode: 1, calls: [FORGET, migrate, prune] });
  });

  test('is stopped and disabled, templates and jobs too', async () => {
    expect((await run(MANY, 'preun', { count: '0' })).calls.slice(0, 3)).toEqual([
      'systemctl --no-reload disable --now m-job.timer m.socket m.service',
      'systemctl stop m-job.service m-migrate@*.service m@*.service',
      'systemctl --no-reload disable m@.service',
    ]);
  });

  test('has no empty commands', () => {
    const bodies = Object.values(applicationScriptlets({ ...PLAIN, units: unitActions(['m@.service']) }));
    for (const { body } of bodies) expect(body).not.toMatch(/(?:preset|--now|then) *(?:\|\||\n *fi)/);
  });
});

describe('an account', () => {
  test('is made before the files are unpacked, where it is not there', async () => {
    expect((await run(SERVICE, 'pre', { exits: { getent: 2 } })).calls).toEqual([
      'getent group demo',
      'groupadd -r demo',
      'getent passwd demo',
      'useradd -r -g demo -d / -M -s /sbin/nologin -c Service account of reqset3-my_app demo',
    ]);
    expect((await run(SERVICE, 'pre')).calls).toEqual(['getent group demo', 'getent passwd demo']);
  });

  test('that cannot be made stops the installation', async () => {
    expect((await run(SERVICE, 'pre', { exits: { getent: 2, useradd: 9 } })).exitCode).toBe(1);
    expect((await run(SERVICE, 'pre', { exits: { getent: 2, groupadd: 9 } })).exitCode).toBe(1);
  });
});

test('no body has a macro for rpm to expand', () => {
  for (const { body } of Object.values(applicationScriptlets(MANY))) expect(body).not.toContain('%');
});
