import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pinDigest } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { samplePackage, samplePin } from '@pinpack/rpm-packaging/testing';
import { thrown } from '@pinpack/testing';
import { readPin } from './read-pin.js';
import { writeText, writeWorkspace } from './workspace.fixture.js';

const PIN_FILE = 'reqsets/reqset3/pins/numpy/pin.json';
const OPTIONS = { reqset: 'reqset3', pin: 'numpy', digest: pinDigest(samplePin()) };

/** The message about a pin file that differs from the lock. */
function differs(difference: string): string {
  return [
    `PINPACK_PIN_DISAGREES ${PIN_FILE}: ${difference} as derived from reqsets/reqset3/pylock.toml`,
    'Write the file again from the lock: nx sync',
  ].join('\n  ');
}

describe('readPin', () => {
  test('reads the pin of the lock', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage(), samplePackage({ name: 'six', version: '1.17' })]);
    expect(readPin(root, OPTIONS)).toEqual(samplePin());
  });

  test('rejects a pin that the lock does not have', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    expect(thrown(() => readPin(root, { ...OPTIONS, pin: 'numpi' }))).toBe(
      'PINPACK_PIN_UNKNOWN reqsets/reqset3/pylock.toml: there is no pin numpi\n  Lock again: nx run reqset3:lock',
    );
  });

  test('rejects a missing lock', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    expect(thrown(() => readPin(root, { ...OPTIONS, reqset: 'reqset4' }))).toBe(
      'PINPACK_LOCK_MISSING reqsets/reqset4/pylock.toml: the lock does not exist\n  Make it: nx run reqset4:lock',
    );
  });

  test.each([
    ['version is "2.4.5", expected "2.4.6"', (text: string) => text.replace('"2.4.6"', '"2.4.5"')],
    ['added is 1, expected missing', (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), added: 1 })],
    [
      'the formatting or the order of fields differs, expected the text',
      (text: string) => JSON.stringify(JSON.parse(text)),
    ],
    ['the file is not JSON, expected it', () => ''],
  ])('rejects a pin file: %s', async (difference, change) => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    writeText(root, PIN_FILE, change(readFileSync(join(root, PIN_FILE), 'utf8')));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(differs(difference));
  });

  test('rejects a missing pin file', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    rmSync(join(root, PIN_FILE));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(differs('the file does not exist, expected it'));
  });

  test('rejects a pin file if the lock was edited and the pin was not', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    const lock = 'reqsets/reqset3/pylock.toml';
    writeText(root, lock, readFileSync(join(root, lock), 'utf8').replace('release = 1', 'release = 2'));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(differs('release is 1, expected 2'));
  });

  test('rejects a pin that changed after Nx hashed it', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    const digest = pinDigest(samplePin({ release: 2 }));
    expect(thrown(() => readPin(root, { ...OPTIONS, digest }))).toBe(
      [
        `PINPACK_PIN_DISAGREES reqset3-wheel-numpy: the digest of its pin is ${OPTIONS.digest}, expected ${digest}: reqsets/reqset3/pylock.toml changed after Nx read the project graph`,
        'Run the target again.',
      ].join('\n  '),
    );
  });
});
