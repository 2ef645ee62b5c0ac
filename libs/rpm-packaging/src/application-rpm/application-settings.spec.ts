import { parsePyproject } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { thrown } from '@pinpack/testing';
import { deliveredFiles, parseApplicationSettings } from './application-settings.js';

const FILE = 'apps/demo/pyproject.toml';
const DEFAULTS = { fill: 'link', scripts: [], config: [], smoke: {} };

/** Parses TOML the way `lock` and the graph do. */
function parse(toml: string) {
  const text = `[project]\nname = "demo"\nversion = "1"\n[tool.pinpack]\nreqsets = []\n${toml}`;
  return parseApplicationSettings(parsePyproject(text, 'apps/demo')?.settings ?? {}, FILE);
}

function issues(toml: string): string[] {
  const [first = '', ...rest] = thrown(() => parse(toml)).split('\n  ');
  return [first.replace(`PINPACK_APPLICATION_INVALID ${FILE}: `, ''), ...rest];
}

describe('parseApplicationSettings', () => {
  test.each([
    ['', {}],
    ['fill = "pip"', { fill: 'pip' }],
    ['share-files = true', {}],
    ['share-files = false', { shareFiles: false }],
    ['user = "web-service"', { user: 'web-service' }],
    [
      'scripts = ["run", "admin"]',
      {
        scripts: [
          { command: 'admin', script: 'admin' },
          { command: 'run', script: 'run' },
        ],
      },
    ],
    ['scripts = { "run-@REQSET@" = "run" }', { scripts: [{ command: 'run-@REQSET@', script: 'run' }] }],
    ['overlaps = [["Open_CV", "cv"]]', { overlaps: [['open-cv', 'cv']] }],
    ['unit = "deploy/x.service"', { unitFiles: [{ source: 'deploy/x.service', unit: '@NAME@.service' }] }],
    [
      'config = { "deploy/b" = "/etc/x/z", "deploy/a" = "/etc/@NAME@.conf" }',
      {
        config: [
          { source: 'deploy/a', target: '/etc/@NAME@.conf' },
          { source: 'deploy/b', target: '/etc/x/z' },
        ],
      },
    ],
    [
      '[tool.pinpack.smoke]\nimports = ["a.b"]\ncommand = ["run", "--check"]\nimage = "el9"\n[tool.pinpack.smoke.http]\ncommand = ["run"]\nport = 8000',
      {
        smoke: {
          imports: ['a.b'],
          command: ['run', '--check'],
          image: 'el9',
          http: { command: ['run'], path: '/', port: 8000, status: 200 },
        },
      },
    ],
  ])('%s', (toml, expected) => {
    expect(parse(toml)).toEqual({ ...DEFAULTS, ...expected });
  });

  test('reports every issue at once', () => {
    const toml = [
      'fil = "pip"',
      'fill = "copy"',
      'share-files = "no"',
      'user = "Web Service"',
      'scripts = ["../run"]',
      'unit = "/etc/x.service"',
      'systemd = { user = "x" }',
      'config = { "../secret" = "/usr/x", "deploy/a" = "/etc/../x" }',
      'smoke = { command = [], http = { port = 0 } }',
    ];
    expect(issues(toml.join('\n'))).toEqual([
      '[tool.pinpack] fill is "copy", expected link or pip',
      '[tool.pinpack] share-files is "no", expected true or false',
      '[tool.pinpack] scripts[0] is "../run", expected the name of a command',
      '[tool.pinpack] systemd.exec is missing, expected a command on one line, with each quote closed',
      '[tool.pinpack] unit is "/etc/x.service", expected a file of the application such as deploy/x.service',
      '[tool.pinpack] config has the key "../secret", expected a file of the application such as deploy/x.conf',
      '[tool.pinpack] config."deploy/a" is "/etc/../x", expected a path below /etc',
      '[tool.pinpack] user is "Web Service", expected a system account such as web-service',
      '[tool.pinpack] smoke.command is [], expected a command and its arguments',
      '[tool.pinpack] smoke.http.command is missing, expected a command and its arguments',
      '[tool.pinpack] smoke.http.port is 0, expected a whole number from 1 to 65535',
      '[tool.pinpack] fil is not a setting, did you mean fill? Known: reqsets, extras, groups, fill, share-files, overlaps, scripts, systemd, unit, services, units, tmpfiles, config, user, smoke, image',
    ]);
  });

  test.each([
    ['scripts = "run"', 'scripts is "run", expected a list of scripts, or a table of commands and their scripts'],
    ['scripts = [1]', 'scripts[0] is 1, expected the name of a command'],
    ['unit = "a"\nsystemd = { exec = "b" }', 'unit is "a", expected only one of unit and systemd'],
    [
      'config = { a = "/etc/x", b = "/etc/x" }',
      'config is {"a":"/etc/x","b":"/etc/x"}, expected a different path for each file',
    ],
  ])('%s', (toml, issue) => {
    expect(issues(toml)).toContain(`[tool.pinpack] ${issue}`);
  });
});

test('deliveredFiles lists the files of the folder that the RPM carries', () => {
  expect(deliveredFiles(parse('unit = "x.service"\nconfig = { a = "/etc/a" }'))).toEqual(['x.service', 'a']);
  expect(deliveredFiles(parse('services.a = { exec = "a", environment-file = "a.env" }'))).toEqual(['a.env']);
  expect(deliveredFiles(parse(''))).toEqual([]);
});
