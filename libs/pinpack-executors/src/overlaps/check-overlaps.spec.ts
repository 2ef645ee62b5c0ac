import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CanonicalWheelEncoder, type Lock } from '@pinpack/python-dist';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { expect, test } from 'vitest';
import { readApplicationRequest } from '../workspace/read-application.js';
import { writeText } from '../workspace/workspace.fixture.js';
import { writeLock } from '../workspace/write-lock.js';
import { checkOverlaps } from './check-overlaps.js';

const PROJECT = '[project]\nname = "my-demo"\nversion = "1.0"\n[tool.pinpack]\nreqsets = ["reqset3"]\n';

/** A zip with these files, which is a wheel as far as its directory shows. */
function wheelOf(name: string, files: Record<string, string>): Buffer {
  const all = { [`${name}-1.0.dist-info/METADATA`]: '', [`${name}-1.0.dist-info/RECORD`]: '', ...files };
  const sorted = Object.entries(all).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const entries = sorted.map(([path, text]) => ({ name: path, size: text.length, mode: 0o644 as const }));
  const encoder = new CanonicalWheelEncoder(entries);
  const pieces = sorted.flatMap(([, text], index) => {
    const entry = entries[index];
    return entry === undefined ? [] : encoder.add(entry, Buffer.from(text), crc32(text));
  });
  return Buffer.concat([...pieces, ...encoder.finish()]);
}

/** An application that requires `one` and `two`, which are built from source. */
async function workspace(
  contents: Record<string, Record<string, string>>,
  { settings = '', ...more }: Partial<Lock> & { settings?: string } = {},
): Promise<string> {
  const root = temporaryFolder();
  writeText(root, 'apps/my_app/pyproject.toml', `${PROJECT}${settings}`);
  const { source } = sampleSourcePin();
  const packages = Object.keys(contents).map((name) => samplePackage({ name, version: '1.0', source }));
  const library = samplePackage({ name: 'my-demo', version: '1.0', source, dependencies: Object.keys(contents) });
  const applications = [{ name: 'my_app', release: 1, library: 'my-demo' }];
  await writeLock(root, 'reqset3', sampleLock([library, ...packages], { applications, ...more }));
  const folder = join(root, 'dist/wheels/reqset3');
  mkdirSync(folder, { recursive: true });
  const all = { my_demo: { 'my_demo.py': '' }, ...contents };
  for (const [name, files] of Object.entries(all))
    writeFileSync(join(folder, `${name}-1.0-py3-none-any.whl`), wheelOf(name, files));
  return root;
}

function check(root: string): Promise<void> {
  return checkOverlaps(root, readApplicationRequest(root, 'reqset3', 'my_app'));
}

const BOTH = { one: { 'mod/__init__.py': '1', 'mod/x.py': '1' }, two: { 'mod/__init__.py': '2', 'mod/x.py': '2' } };

test('refuses pins with different files at the same paths', async () => {
  const root = await workspace(BOTH);
  expect(await rejected(() => check(root))).toBe(
    [
      'PINPACK_PATHS_OVERLAP reqset3-my_app: requires pins that install the same paths, of which its environment can contain only one',
      '- one and two install 2 paths with different contents: mod/__init__.py, mod/x.py',
      'Require only one of them: npx nx run reqset3:why --pin=one shows what requires it.',
      'Or allow it in apps/my_app/pyproject.toml, [tool.pinpack]: overlaps = [["one", "two"]]. In each list, the files of a later pin replace those of an earlier one.',
    ].join('\n  '),
  );
});

test.each<[string, Parameters<typeof workspace>]>([
  ['that the application allows', [BOTH, { settings: 'overlaps = [["two", "one"]]\n' }]],
  ['that the reqset allows', [BOTH, { overlaps: [['two', 'x', 'one']] }]],
  ['with the same content', [{ one: { 'ns/__init__.py': '1' }, two: { 'ns/__init__.py': '1' } }]],
  ['that are tests', [{ one: { 'tests/a.py': '1' }, two: { 'tests/a.py': '2' } }]],
])('accepts paths %s', async (_, given) => {
  const root = await workspace(...given);
  await expect(check(root)).resolves.toBeUndefined();
});

test('refuses a path that is a file and a folder, which nothing can allow', async () => {
  const contents = { one: { 'pkg/x': '1' }, two: { 'pkg/x/y': '2' } };
  const root = await workspace(contents, { overlaps: [['one', 'two']] });
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
  const root = await workspace(COMMANDS, { settings: `${settings.join('\n')}\n` });
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
  await check(await workspace({ one: { 'one-1.0.data/scripts/run': '#!python\n' } }, { settings }));
});
