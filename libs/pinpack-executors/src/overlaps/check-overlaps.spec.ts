import { rejected } from '@pinpack/testing';
import { expect, test } from 'vitest';
import { readApplicationRequest } from '../workspace/read-application.js';
import { checkOverlaps } from './check-overlaps.js';
import { writeBuiltWheels } from './built-wheels.fixture.js';

function check(root: string): Promise<boolean> {
  return checkOverlaps(root, readApplicationRequest(root, 'reqset3', 'my_app'));
}

const BOTH = { one: { 'mod/__init__.py': '1', 'mod/x.py': '1' }, two: { 'mod/__init__.py': '2', 'mod/x.py': '2' } };

test('refuses pins with different files at the same paths', async () => {
  const root = await writeBuiltWheels(BOTH);
  expect(await rejected(() => check(root))).toBe(
    [
      'PINPACK_PATHS_OVERLAP reqset3-my_app: requires pins that install the same paths, of which its environment can contain only one',
      '- one and two install 2 paths with different contents: mod/__init__.py, mod/x.py',
      'Require only one of them: npx nx run reqset3:why --pin=one shows what requires it.',
      'Or allow it in apps/my_app/pyproject.toml, [tool.pinpack]: overlaps = [["one", "two"]]. In each list, the files of a later pin replace those of an earlier one.',
    ].join('\n  '),
  );
});

test.each<[string, Parameters<typeof writeBuiltWheels>]>([
  ['that the application allows', [BOTH, { settings: 'overlaps = [["two", "one"]]\n' }]],
  ['that the reqset allows', [BOTH, { overlaps: [['two', 'x', 'one']] }]],
  ['with the same content', [{ one: { 'ns/__init__.py': '1' }, two: { 'ns/__init__.py': '1' } }]],
  ['that are tests', [{ one: { 'tests/a.py': '1' }, two: { 'tests/a.py': '2' } }]],
])('accepts paths %s', async (_, given) => {
  const root = await writeBuiltWheels(...given);
  await expect(check(root)).resolves.toBe(true);
});

test('refuses a path that is a file and a folder, which nothing can allow', async () => {
  const contents = { one: { 'pkg/x': '1' }, two: { 'pkg/x/y': '2' } };
  const root = await writeBuiltWheels(contents, { overlaps: [['one', 'two']] });
  const message = await rejected(() => check(root));
  expect(message).toContain(
    'one and two install 2 paths that are files of one and folders of the other: pkg/x, pkg/x/y',
  );
  expect(message).not.toContain('Or allow it');
});

const COMMANDS = { one: { 'one-1.0.dist-info/entry_points.txt': '[console_scripts]\nserve = one:main\n' } };

test('refuses commands that no wheel installs', async () => {
  const settings = [
    'scripts = ["serve", "absent"]',
    'systemd = { exec = "-sreve --now", migrate = "/usr/bin/true" }',
    'services.worker = { exec = "python -m one" }',
    'smoke = { command = ["serve"], http = { command = ["nothing"], port = 80 } }',
  ];
  const root = await writeBuiltWheels(COMMANDS, { settings: `${settings.join('\n')}\n` });
  expect(await rejected(() => check(root))).toBe(
    [
      'PINPACK_COMMAND_MISSING apps/my_app/pyproject.toml: [tool.pinpack] scripts names the command absent, which no wheel of the application installs',
      '[tool.pinpack] systemd.exec names the command sreve, which no wheel of the application installs',
      '[tool.pinpack] smoke.http.command names the command nothing, which no wheel of the application installs',
      'expected one of serve',
      'Correct the name, add the command to [project.scripts], or add the distribution that has it to [project] dependencies and lock again.',
    ].join('\n  '),
  );
});

test('accepts commands of scripts in .data, and those of wheels that are not known', async () => {
  const settings = 'scripts = ["run"]\n';
  await check(await writeBuiltWheels({ one: { 'one-1.0.data/scripts/run': '#!python\n' } }, { settings }));
});
