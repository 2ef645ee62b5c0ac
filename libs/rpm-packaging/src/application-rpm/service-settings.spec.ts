import { parsePyproject } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { thrown } from '@pinpack/testing';
import { parseApplicationSettings } from './application-settings.js';

const EMPTY = { after: [], wants: [], requires: [], environment: {}, folders: {}, directives: {} };

function parse(toml: string) {
  const text = `[project]\nname = "demo"\nversion = "1"\n[tool.pinpack]\nreqsets = []\n${toml}`;
  return parseApplicationSettings(parsePyproject(text, 'apps/demo')?.settings ?? {}, 'pyproject.toml');
}

describe('services', () => {
  test.each([
    ['systemd = { exec = "gunicorn web" }', [{ ...EMPTY, exec: 'gunicorn web' }]],
    [
      '[tool.pinpack.systemd]\nexec = "run"\nuser = "www"\ntype = "notify"\ndescription = "Web"\nafter = ["db.service"]\nstate-directory = "web"\nlogs-directory = "web/@REQSET@"\nenvironment = { A = "1" }\nenvironment-file = "deploy/web.env"\nmigrate = "run migrate"\nhardening = false',
      [
        {
          ...EMPTY,
          ...{ exec: 'run', user: 'www', description: 'Web', type: 'notify', after: ['db.service'] },
          ...{ environment: { A: '1' }, environmentFile: 'deploy/web.env', hardening: false, migrate: 'run migrate' },
          folders: { StateDirectory: 'web', LogsDirectory: 'web/@REQSET@' },
        },
      ],
    ],
    [
      'services.worker = { exec = "work", directives = { LimitNOFILE = 9, PrivateTmp = false, CapabilityBoundingSet = "", ReadWritePaths = ["/a", "/b"] } }',
      [
        {
          ...{ ...EMPTY, key: 'worker', exec: 'work' },
          directives: { LimitNOFILE: 9, PrivateTmp: false, CapabilityBoundingSet: '', ReadWritePaths: ['/a', '/b'] },
        },
      ],
    ],
    [
      'systemd = { exec = "a", socket = { listen = ["8000", "[::1]:80", "/run/@NAME@.sock"] } }\nservices.b = { exec = "b", timer = { calendar = "daily", random-delay = "1h", persistent = false } }',
      [
        { ...EMPTY, exec: 'a', socket: { listen: ['8000', '[::1]:80', '/run/@NAME@.sock'], directives: {} } },
        {
          ...{ ...EMPTY, key: 'b', exec: 'b' },
          timer: { calendar: ['daily'], randomDelay: '1h', persistent: false, directives: {} },
        },
      ],
    ],
  ])('%s', (toml, services) => {
    expect(parse(toml).services).toEqual(services);
  });

  test('unit files have names of their own', () => {
    expect(parse('unit = "a.service"\nunits = { "b.timer" = "@NAME@.timer" }').unitFiles).toEqual([
      { source: 'a.service', unit: '@NAME@.service' },
      { source: 'b.timer', unit: '@NAME@.timer' },
    ]);
  });

  test('a unit file and [tool.pinpack.systemd] exclude each other, in one message', () => {
    const message = thrown(() => parse('unit = "a.service"\nsystemd = { exec = "a" }'));
    expect(message.split('[tool.pinpack]').slice(1)).toEqual([
      expect.stringContaining('unit is "a.service", expected only one of unit and systemd'),
    ]);
  });

  test.each([
    ['systemd = "run"', 'systemd is "run", expected a table'],
    [
      'systemd = { exec = "a\\nUser=root" }',
      'systemd.exec is "a\\nUser=root", expected a command on one line, with each quote closed',
    ],
    [
      'systemd = { exec = "a", environment = { "A B" = "1" } }',
      'systemd.environment has the key "A B", expected the name of a variable',
    ],
    [
      'systemd = { exec = "a", state-directory = "../x" }',
      'systemd.state-directory is "../x", expected a folder below /var/lib such as web-service',
    ],
    [
      'systemd = { exec = "a", directives = { limitnofile = 1 } }',
      'systemd.directives has the key "limitnofile", expected a directive of systemd such as LimitNOFILE',
    ],
    [
      'systemd = { exec = "a", directives = { Nice = 1.5 } }',
      'systemd.directives.Nice is 1.5, expected text on one line, a number, true or false, or a list of texts',
    ],
    [
      'systemd = { exec = "a", socket = { listen = [] } }',
      'systemd.socket.listen is [], expected a list of addresses such as ["127.0.0.1:8000"]',
    ],
    [
      'systemd = { exec = "a", socket = { listen = ["web"] } }',
      'systemd.socket.listen[0] is "web", expected an address such as "8000", "127.0.0.1:8000", "[::1]:8000" or "/run/@NAME@.sock", with a port from 1 to 65535',
    ],
    [
      'systemd = { exec = "a", socket = { listen = ["1"] } }\nservices.b = { exec = "b", socket = { listen = ["1"] } }',
      'systemd.socket.listen is ["1"], expected each address once, and not 1 twice',
    ],
    [
      'systemd = { exec = "a \\"b" }',
      'systemd.exec is "a \\"b", expected a command on one line, with each quote closed',
    ],
    [
      'systemd = { exec = "a", wants = ["postgresql"] }',
      'systemd.wants[0] is "postgresql", expected a unit such as postgresql.service',
    ],
    [
      'systemd = { exec = "a", timer = { calendar = "dayly" } }',
      'systemd.timer.calendar is "dayly", expected a calendar event of systemd.time(7) such as "daily" or "Mon..Fri 02:30"',
    ],
    [
      'systemd = { exec = "a", timer = { calendar = "daily", random-delay = "15mins" } }',
      'systemd.timer.random-delay is "15mins", expected a time span such as "15min"',
    ],
    [
      'systemd = { exec = "a", timer = { every = "1h" } }',
      'systemd.timer.calendar is missing, expected a calendar event such as "daily", or a list of them',
    ],
    [
      'systemd = { exec = "a", timer = { calendar = "daily" }, socket = { listen = ["1"] } }',
      'systemd.timer is {"calendar":"daily"}, expected only one of socket and timer',
    ],
    [
      'services.migrate = { exec = "a" }',
      'services has the key "migrate", expected the name of a service such as worker',
    ],
    [
      'services.a = { exec = "a", migrate = "b" }',
      'services.a.migrate is not a setting, expected exec, user, description, type, after, wants, requires, environment, environment-file, state-directory, cache-directory, logs-directory, runtime-directory, hardening, directives, socket, timer',
    ],
    [
      'units = { "a.service" = "a.service" }',
      'units."a.service" is "a.service", expected a unit of the application such as @NAME@.timer or @NAME@-worker.service',
    ],
    [
      'systemd = { exec = "a" }\nunits = { "x" = "@NAME@.service" }',
      'units is {"x":"@NAME@.service"}, expected each unit once, and not @NAME@.service twice',
    ],
    [
      'tmpfiles = ["/run/x"]',
      'tmpfiles[0] is "/run/x", expected a line of tmpfiles.d(5) such as "d /run/@NAME@ 0750 web web -"',
    ],
  ])('%s', (toml, issue) => {
    expect(thrown(() => parse(toml)).split(/\n {2}|pyproject.toml: /)).toContain(`[tool.pinpack] ${issue}`);
  });
});
