import { execa } from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import { sampleApplicationRequest } from './application-request.fixture.js';
import type { SystemdSettings } from './application-settings.js';
import { formatUnit } from './systemd-unit.js';

const PLACES = { name: 'reqset3-my_app', reqset: 'reqset3' };

function format(systemd: Partial<SystemdSettings>, user?: string): string {
  const { settings } = sampleApplicationRequest(user === undefined ? {} : { user });
  return formatUnit({ exec: 'demo', after: [], environment: {}, ...systemd }, settings, PLACES, 'Sums up to 100%');
}

describe('formatUnit', () => {
  test('runs a script of the environment', () => {
    expect(format({})).toBe(
      [
        ...['[Unit]', 'Description=Sums up to 100%%', 'After=network.target', ''],
        ...['[Service]', 'ExecStart=/opt/reqset3-my_app/venv/bin/demo', 'Restart=on-failure', ''],
        ...['[Install]', 'WantedBy=multi-user.target', ''],
      ].join('\n'),
    );
  });

  test.each<[Partial<SystemdSettings>, string]>([
    [{ exec: 'gunicorn web --workers 2' }, 'ExecStart=/opt/reqset3-my_app/venv/bin/gunicorn web --workers 2'],
    [{ exec: '/usr/bin/env x' }, 'ExecStart=/usr/bin/env x'],
    [{ exec: '@VENV@/bin/python -m x' }, 'ExecStart=/opt/reqset3-my_app/venv/bin/python -m x'],
    [{ after: ['redis.service'] }, 'After=network.target redis.service'],
    [{ environment: { A: 'x "y" 5%', B: '/etc/@NAME@' } }, 'Environment="A=x \\"y\\" 5%%"'],
    [{ environment: { B: '/etc/@NAME@' } }, 'Environment="B=/etc/reqset3-my_app"'],
    [{ stateDirectory: 'web' }, 'StateDirectory=web'],
    [{ type: 'notify' }, 'Type=notify'],
    [{ user: 'www' }, 'User=www'],
  ])('%j', (systemd, line) => {
    expect(format(systemd).split('\n')).toContain(line);
  });

  test('runs as the account that the RPM makes, unless another is named', () => {
    expect(format({}, 'demo')).toContain('\nUser=demo\n');
    expect(format({ user: 'www' }, 'demo')).toContain('\nUser=www\n');
  });

  test('passes systemd-analyze', async (context) => {
    await needProgram(context, 'systemd-analyze');
    const folder = temporaryFolder();
    const program = join(folder, 'opt/reqset3-my_app/venv/bin/demo');
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, '', { mode: 0o755 });
    const unit = join(folder, 'reqset3-my_app.service');
    const text = format({ environment: { A: 'x "y" 5%' }, stateDirectory: 'web', type: 'notify' });
    writeFileSync(unit, text.replaceAll('/opt/', `${folder}/opt/`));
    const { all } = await execa('systemd-analyze', ['verify', '--man=no', unit], { all: true, reject: false });
    expect(all.split('\n').filter((line) => line.includes('my_app'))).toEqual([]);
  });
});
