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

const PIN_DISAGREES = [
  `PINPACK_PIN_DISAGREES ${PIN_FILE}: disagrees with reqsets/reqset3/pylock.toml, which is the truth about pins`,
  'Write it again from the lock: nx sync',
].join('\n  ');

describe('readPin', () => {
  test('reads the pin of the lock', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage(), samplePackage({ name: 'six', version: '1.17' })]);
    expect(readPin(root, OPTIONS)).toEqual(samplePin());
  });

  test('refuses a pin that the lock does not have', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    expect(thrown(() => readPin(root, { ...OPTIONS, pin: 'numpi' }))).toBe(
      'PINPACK_PIN_UNKNOWN reqsets/reqset3/pylock.toml: there is no pin numpi\n  Lock again: nx run reqset3:lock',
    );
  });

  test('refuses where there is no lock', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    expect(thrown(() => readPin(root, { ...OPTIONS, reqset: 'reqset4' }))).toBe(
      'PINPACK_LOCK_MISSING reqsets/reqset4/pylock.toml: there is no lock yet\n  Make it: nx run reqset4:lock',
    );
  });

  test.each([
    ['its file was edited', (text: string) => text.replace('2.4.6', '2.4.5')],
    ['its file was formatted', (text: string) => JSON.stringify(JSON.parse(text))],
    ['its file is empty', () => ''],
  ])('refuses where %s', async (_, change) => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    writeText(root, PIN_FILE, change(readFileSync(join(root, PIN_FILE), 'utf8')));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(PIN_DISAGREES);
  });

  test('refuses where its file is gone', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    rmSync(join(root, PIN_FILE));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(PIN_DISAGREES);
  });

  test('refuses where the lock was edited and the pin was not', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    const lock = 'reqsets/reqset3/pylock.toml';
    writeText(root, lock, readFileSync(join(root, lock), 'utf8').replace('release = 1', 'release = 2'));
    expect(thrown(() => readPin(root, OPTIONS))).toBe(PIN_DISAGREES);
  });

  test('refuses where Nx hashed another pin', async () => {
    const root = await writeWorkspace('reqset3', [samplePackage()]);
    expect(thrown(() => readPin(root, { ...OPTIONS, digest: pinDigest(samplePin({ release: 2 })) }))).toBe(
      [
        'PINPACK_PIN_DISAGREES reqset3-wheel-numpy: reqsets/reqset3/pylock.toml changed while the run was under way',
        'Run again.',
      ].join('\n  '),
    );
  });
});
