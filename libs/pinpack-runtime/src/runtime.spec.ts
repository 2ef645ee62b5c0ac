/** Runs the Python tests under every Python that pinpack-runtime promises, and compares the wheels that these write. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPythons, runUnittest } from './pythons.fixture.js';

const LIBRARY = fileURLToPath(new URL('..', import.meta.url));
const TESTS = join(LIBRARY, 'tests');
const MINUTES = 60_000;

const pythons = await findPythons();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-runtime-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the unit tests', () => {
  for (const { name, python, skipped } of pythons) {
    it(`pass under ${name}`, { timeout: 3 * MINUTES }, async ({ skip }) => {
      if (python === undefined) return skip(skipped);
      const { exitCode, output, ran } = await runUnittest(python, TESTS);
      expect(exitCode, output).toBe(0);
      expect(ran, output).toBeGreaterThan(50);
    });
  }

  it('fail this spec when one of them fails, and when there is none', async ({ skip }) => {
    const python = pythons.find((each) => each.python !== undefined)?.python;
    if (python === undefined) return skip('no Python 3 is installed');
    const failing = join(folder, 'failing');
    await mkdir(failing);
    expect((await runUnittest(python, failing)).ran).toBe(0);
    const lines = ['import unittest', 'class T(unittest.TestCase):', '    def test(self): self.fail("on purpose")', ''];
    await writeFile(join(failing, 'test_failing.py'), lines.join('\n'));
    expect(await runUnittest(python, failing)).toMatchObject({ exitCode: 1, ran: 1 });
  });
});

// Makes the fixture tree in argv[1] and prints zipfile's digest of the wheel that it gives.
const MAKE_TREE = `
import hashlib, os, sys
sys.path.insert(0, sys.argv[2])
import wheel_fixture
case = wheel_fixture.WheelTestCase('setUp')
case.setUp()
os.rename(case.tree, sys.argv[1])
case.doCleanups()
print(hashlib.sha256(case.expected).hexdigest())
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
      const tree = join(folder, 'tree');
      const { stdout: zipfileDigest } = await execa(reference, ['-B', '-c', MAKE_TREE, tree, TESTS]);
      const digests = found.map(async (python, index) => {
        const wheel = join(folder, `${index}.whl`);
        const place = [
          '--tree',
          tree,
          '--dist-info',
          'demo-1.0.dist-info',
          '--wheel',
          wheel,
          '--sha256',
          zipfileDigest,
        ];
        const umask = ['000', '022', '077', '777'][index % 4] ?? '';
        const command = [join(LIBRARY, 'bin/pinpack-runtime'), 'wheel', 'rebuild', ...place];
        const env = { TZ: index % 2 === 0 ? 'Pacific/Kiritimati' : 'UTC', LC_ALL: index % 3 === 0 ? 'C' : 'C.UTF-8' };
        await execa(python, ['-c', RUN_WITH_UMASK, umask, ...command], { env });
        const { stdout } = await execa('sha256sum', [wheel]);
        return stdout.slice(0, 64);
      });
      expect(new Set(await Promise.all(digests))).toEqual(new Set([zipfileDigest]));
    },
  );
});
