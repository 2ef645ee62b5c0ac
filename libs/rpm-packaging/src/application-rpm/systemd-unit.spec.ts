import { execa } from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import type { ServiceSettings } from './service-settings.js';
import { formatUnits, type GeneratedUnit } from './systemd-unit.js';

const PLACES = { name: 'reqset3-my_app', reqset: 'reqset3' };
const HARDENING = [
  'NoNewPrivileges=true',
  'PrivateTmp=true',
  'PrivateDevices=true',
  'ProtectSystem=strict',
  'ProtectHome=true',
  'ProtectControlGroups=true',
  'ProtectKernelModules=true',
  'ProtectKernelTunables=true',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=true',
  'RestrictRealtime=true',
  'RestrictSUIDSGID=true',
  'LockPersonality=true',
  'SystemCallArchitectures=native',
];

function format(service: Partial<ServiceSettings>, user?: string): GeneratedUnit[] {
  const whole = {
    ...{ exec: 'demo', after: [], wants: [], requires: [], environment: {}, folders: {}, directives: {} },
    ...service,
  };
  const hasMigration = service.migrate !== undefined;
  return formatUnits(whole, { places: PLACES, user, summary: 'Sums up to 100%', hasMigration });
}

function textOf(units: readonly GeneratedUnit[], kind: string): string {
  return units.find(({ name }) => name.endsWith(kind))?.text ?? '';
}

/** The complaints of systemd-analyze about units, in a folder whose programs exist. */
async function complaints(units: readonly GeneratedUnit[]): Promise<string[]> {
  const folder = temporaryFolder();
  const program = join(folder, 'opt/reqset3-my_app/venv/bin/demo');
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, '', { mode: 0o755 });
  for (const { name, text } of units) writeFileSync(join(folder, name), text.replaceAll('/opt/', `${folder}/opt/`));
  const paths = units.map(({ name }) => join(folder, name.replace('@.', '@venv.')));
  for (const { name, text } of units.filter(({ name }) => name.includes('@.'))) {
    writeFileSync(join(folder, name.replace('@.', '@venv.')), text.replaceAll('/opt/', `${folder}/opt/`));
  }
  const { all, exitCode } = await execa('systemd-analyze', ['verify', '--man=no', ...paths], {
    all: true,
    reject: false,
  });
  const lines = all.split('\n').filter((line) => line.includes('my_app'));
  return exitCode === 0 ? lines : [`exit code ${exitCode}`, ...lines];
}

describe('formatUnits', () => {
  test('runs a script of the environment, in a sandbox', () => {
    expect(format({})).toEqual([
      {
        name: 'reqset3-my_app.service',
        text: [
          ...['[Unit]', 'Description=Sums up to 100%%', 'After=network.target', ''],
          ...['[Service]', 'ExecStart=/opt/reqset3-my_app/venv/bin/demo', 'Restart=on-failure', ...HARDENING, ''],
          ...['[Install]', 'WantedBy=multi-user.target', ''],
        ].join('\n'),
      },
    ]);
  });

  test.each<[Partial<ServiceSettings>, string]>([
    [{ exec: 'gunicorn web --workers 2' }, 'ExecStart=/opt/reqset3-my_app/venv/bin/gunicorn web --workers 2'],
    [{ exec: '/usr/bin/env x' }, 'ExecStart=/usr/bin/env x'],
    [{ exec: '@VENV@/bin/python -m x' }, 'ExecStart=/opt/reqset3-my_app/venv/bin/python -m x'],
    [{ after: ['redis.service'] }, 'After=network.target redis.service'],
    [{ wants: ['redis.service'] }, 'Wants=redis.service'],
    [{ requires: ['x.mount'] }, 'Requires=x.mount'],
    [{ environment: { A: 'x "y" 5%', B: '/etc/@NAME@' } }, 'Environment="A=x \\"y\\" 5%%"'],
    [{ environment: { B: '/etc/@NAME@' } }, 'Environment="B=/etc/reqset3-my_app"'],
    [{ environmentFile: 'a.env' }, 'EnvironmentFile=-/etc/sysconfig/reqset3-my_app'],
    [{ environmentFile: 'a.env', key: 'worker' }, 'EnvironmentFile=-/etc/sysconfig/reqset3-my_app-worker'],
    [{ folders: { LogsDirectory: '@NAME@' } }, 'LogsDirectory=reqset3-my_app'],
    [{ type: 'notify' }, 'Type=notify'],
    [{ user: 'www' }, 'User=www'],
    [{ directives: { ProtectSystem: 'full' } }, 'ProtectSystem=full'],
    [{ directives: { PrivateDevices: false } }, 'PrivateDevices=false'],
    [{ directives: { Restart: 'always' } }, 'Restart=always'],
    [{ directives: { ReadWritePaths: ['/srv/a', '/srv/b'] } }, 'ReadWritePaths=/srv/b'],
    [{ directives: { LimitNOFILE: 65_536 } }, 'LimitNOFILE=65536'],
  ])('%j', (service, line) => {
    const lines = textOf(format(service), '.service').split('\n');
    expect(lines.filter((other) => other === line)).toHaveLength(1);
  });

  test('a directive replaces the line of the sandbox, and hardening = false all of them', () => {
    expect(textOf(format({ directives: { ProtectSystem: 'full' } }), '.service')).not.toContain('ProtectSystem=strict');
    const open = textOf(format({ hardening: false }), '.service');
    for (const line of HARDENING) expect(open).not.toContain(line);
  });

  test.each([
    ['my-app serve', '/opt/reqset3-my_app/venv/bin/my-app serve'],
    ['-@my-app other', '-@/opt/reqset3-my_app/venv/bin/my-app other'],
    ['-/bin/true', '-/bin/true'],
    ['@VENV@/bin/x y', '/opt/reqset3-my_app/venv/bin/x y'],
  ])('the first word of %s is a command of the environment, or a path', (exec, expected) => {
    expect(textOf(format({ exec }), '.service')).toContain(`\nExecStart=${expected}\n`);
  });

  test('runs as the account that the RPM makes, unless another is named', () => {
    expect(textOf(format({}, 'demo'), '.service')).toContain('\nUser=demo\n');
    expect(textOf(format({ user: 'www' }, 'demo'), '.service')).toContain('\nUser=www\n');
  });

  test('a socket is required and enabled with its service', () => {
    const units = format({
      key: 'web',
      socket: { listen: ['8000', '/run/x.sock'], directives: { SocketMode: '0660' } },
    });
    expect(textOf(units, '.socket')).toBe(
      [
        ...['[Unit]', 'Description=Sums up to 100%%', ''],
        ...['[Socket]', 'ListenStream=8000', 'ListenStream=/run/x.sock', 'SocketMode=0660', ''],
        ...['[Install]', 'WantedBy=sockets.target', ''],
      ].join('\n'),
    );
    const lines = textOf(units, '.service').split('\n');
    expect(lines).toContain('Requires=reqset3-my_app-web.socket');
    expect(lines).toContain('After=network.target reqset3-my_app-web.socket');
    expect(lines).toContain('Also=reqset3-my_app-web.socket');
  });

  test('a timer starts its service, which nothing else enables', () => {
    const timer = { calendar: ['daily', 'Mon..Fri 12:00'], randomDelay: '15min', persistent: true, directives: {} };
    const units = format({ timer });
    expect(textOf(units, '.timer')).toBe(
      [
        ...['[Unit]', 'Description=Sums up to 100%%', ''],
        ...[
          '[Timer]',
          'OnCalendar=daily',
          'OnCalendar=Mon..Fri 12:00',
          'RandomizedDelaySec=15min',
          'Persistent=true',
          '',
        ],
        ...['[Install]', 'WantedBy=timers.target', ''],
      ].join('\n'),
    );
    const service = textOf(units, '.service');
    expect(service).toContain('\nType=oneshot\n');
    expect(service).not.toMatch(/Install|Restart=/);
  });

  test('a migration is a template of environments, with the account, folders and sandbox of the service', () => {
    const units = format(
      {
        ...{ migrate: 'demo migrate', environment: { A: '1' }, folders: { StateDirectory: 'web' } },
        directives: { Restart: 'always', ExecReload: '/bin/kill $MAINPID', ReadWritePaths: '/srv', ProtectHome: false },
      },
      'www',
    );
    expect(textOf(units, 'migrate@.service').split('\n')).toEqual([
      ...['[Unit]', 'Description=Migration of reqset3-my_app', 'After=network.target', ''],
      ...['[Service]', 'Type=oneshot', 'RemainAfterExit=true', 'ExecStart=/opt/reqset3-my_app/%I/bin/demo migrate'],
      ...['Environment="A=1"', 'User=www', 'StateDirectory=web'],
      ...HARDENING.map((line) => line.replace('ProtectHome=true', 'ProtectHome=false')),
      ...['ReadWritePaths=/srv', ''],
    ]);
    const required = 'Requires=reqset3-my_app-migrate@venv.service';
    expect(textOf(units, 'my_app.service').split('\n')).toContain(required);
  });

  test('passes systemd-analyze', async (context) => {
    await needProgram(context, 'systemd-analyze');
    const common = {
      environment: { A: 'x "y" 5%' },
      environmentFile: 'x',
      folders: { StateDirectory: 'web', LogsDirectory: 'a b' },
    };
    const units = [
      ...format({
        ...common,
        type: 'notify',
        migrate: 'demo',
        socket: { listen: ['[::1]:8000'], directives: { Backlog: 99 } },
      }),
      ...format({ ...common, key: 'job', timer: { calendar: ['*-*-* 02:30:00'], persistent: false, directives: {} } }),
    ];
    expect(await complaints(units)).toEqual([]);
    // The check finds what is wrong.
    expect(await complaints(format({ directives: { ProtectSistem: true } }))).not.toEqual([]);
  });
});
