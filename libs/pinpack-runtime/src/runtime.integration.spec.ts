/** Runs the Python tests under the Python versions that pinpack-runtime supports, and compares the wheels that these write. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPythons, findTests, runUnittest, type PythonCase } from './pythons.fixture.js';

const LIBRARY = fileURLToPath(new URL('..', import.meta.url));
const TESTS = join(LIBRARY, 'tests');
const MINUTES = 60_000;

/** Modules that start hundreds of processes or make hundreds of environments: always under the oldest Python, which lacks the most; at night under all. */
const LONG_TESTS = ['test_cli', 'test_environment', 'test_environment_fill'];
/** The end-to-end tests run these under the system's Python, with real wheels; here they run at night, under all. */
const END_TO_END_TESTS = ['test_against_pip', 'test_environment_kill', 'test_ownership', 'test_processes'];

const isNightly = process.env.PINPACK_NIGHTLY === '1';
const pythons = await findPythons();
const tests = await findTests(TESTS);
const installed = pythons.filter(({ python }) => python !== undefined);
const quickTests = tests.filter((module) => ![...LONG_TESTS, ...END_TO_END_TESTS].includes(module));
let folder = '';

/** The groups of modules that run under a Python, beside each other. By day none under a version between the oldest and the newest. */
function groupsFor(each: PythonCase): string[][] {
  if (isNightly) return [quickTests, [...LONG_TESTS, ...END_TO_END_TESTS]];
  if (each === installed[0]) return [quickTests, LONG_TESTS];
  return installed.slice(-2).includes(each) ? [quickTests] : [];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-runtime-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the unit tests', () => {
  for (const each of pythons) {
    const { name, python, skipped } = each;
    it.concurrent(`pass under ${name}`, { timeout: 10 * MINUTES }, async ({ skip, expect }) => {
      if (python === undefined) return skip(skipped);
      const groups = groupsFor(each);
      if (groups.length === 0) return skip('the oldest and the newest stand for it; PINPACK_NIGHTLY=1 runs all');
      const runs = await Promise.all(groups.map((modules) => runUnittest(python, TESTS, modules)));
      for (const { exitCode, output, ran } of runs) {
        expect(exitCode, output).toBe(0);
        expect(ran, output).toBeGreaterThan(40);
      }
    });
  }

  it('have a group', () => {
    expect([...LONG_TESTS, ...END_TO_END_TESTS].filter((module) => !tests.includes(module))).toEqual([]);
    expect(quickTests.length).toBeGreaterThan(10);
  });

  it('fail this spec when one of them fails, and when there is none', async ({ skip }) => {
    const python = pythons.find((each) => each.python !== undefined)?.python;
    if (python === undefined) return skip('no Python 3 is installed');
    const failing = join(folder, 'failing');
    await mkdir(failing);
    expect((await runUnittest(python, failing, await findTests(failing))).ran).toBe(0);
    const lines = ['import unittest', 'class T(unittest.TestCase):', '    def test(self): self.fail("on purpose")', ''];
    await writeFile(join(failing, 'test_failing.py'), lines.join('\n'));
    expect(await runUnittest(python, failing, await findTests(failing))).toMatchObject({ exitCode: 1, ran: 1 });
  });
});

// Moves the fixture's root to argv[1]; prints the wheel's path below it, and zipfile's digest of that.
const MAKE_ROOT = `
import hashlib, os, sys
sys.path.insert(0, sys.argv[2])
import wheel_fixture
case = wheel_fixture.WheelTestCase('setUp')
case.setUp()
print(os.path.relpath(case.wheel, case.folder), hashlib.sha256(case.expected).hexdigest())
os.rename(case.folder, sys.argv[1])
`;

// Calls the launcher with the umask argv[1].
const RUN_WITH_UMASK = `
import os, sys
os.umask(int(sys.argv[1], 8))
os.execv(sys.executable, [sys.executable, '-IBS'] + sys.argv[2:])
`;

describe('the canonical wheel', () => {
  it(
    'has the same bytes under every Python, umask, time zone and locale',
    { timeout: 2 * MINUTES },
    async ({ skip }) => {
      const found = pythons.flatMap(({ python }) => python ?? []);
      const [reference] = found;
      if (reference === undefined || found.length < 2) return skip('fewer than two Pythons are installed');
      const root = join(folder, 'root');
      const { stdout: made } = await execa(reference, ['-B', '-c', MAKE_ROOT, root, TESTS]);
      const [wheel = '', zipfileDigest] = made.split(' ');
      const digests = found.map(async (python, index) => {
        const own = join(folder, `root-${index}`);
        await execa('cp', ['-a', root, own]);
        const umask = ['000', '022', '077', '777'][index % 4] ?? '';
        const command = [join(LIBRARY, 'bin/pinpack-runtime'), 'wheelhouse', 'make', '--root', own];
        const env = { TZ: index % 2 === 0 ? 'Pacific/Kiritimati' : 'UTC', LC_ALL: index % 3 === 0 ? 'C' : 'C.UTF-8' };
        await execa(python, ['-c', RUN_WITH_UMASK, umask, ...command], { env });
        const { stdout } = await execa('sha256sum', [join(own, wheel)]);
        return stdout.slice(0, 64);
      });
      expect(new Set(await Promise.all(digests))).toEqual(new Set([zipfileDigest]));
    },
  );
});
