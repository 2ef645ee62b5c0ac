import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OFFERED_COMPRESSIONS, parseCompression } from './compression.js';
import {
  applyToInstalledFiles,
  applyToOldRpm,
  largeContent,
  makeDelta,
  oneFile,
  quickestOf,
  treeOf,
  upgradeOf,
  writeUpgrade,
  type Upgrade,
} from './delta.fixture.js';
import { makeKey } from './gpg.fixture.js';
import { attemptSync, describeWith, run, temporaryFolder } from '@pinpack/testing';
import { signRpm } from './sign.js';

/** Minutes of work for two processors, on a machine that has other work too. */
const LONG = 10 * 60_000;
/** Those with the largest windows take longer than all others: at night. */
const LARGE_COMPRESSIONS = OFFERED_COMPRESSIONS.filter(
  (compression) => process.env.PINPACK_NIGHTLY === '1' || !['zstd:15', 'zstd:19', 'xz:6'].includes(compression),
);
const LAYOUTS = { 'one file': oneFile, 'a tree of files': treeOf };

function writeContent(
  at: string,
  content: Buffer,
  layout: keyof typeof LAYOUTS,
  compression: string,
  before?: string,
): Promise<Upgrade> {
  const after = parseCompression(compression);
  const entries = [LAYOUTS[layout](content), LAYOUTS[layout](upgradeOf(content))] as const;
  return writeUpgrade(at, entries, [before === undefined ? quickestOf(after) : parseCompression(before), after]);
}

/** Where the payload isn't compressed, the delta would not be either. */
const optionsOf = (compression: string) => (compression === 'none' ? ['-z', 'xz.6,bzip2'] : []);

describeWith(['makedeltarpm', 'applydeltarpm', 'bwrap', 'rpm'], 'a delta', () => {
  const large = largeContent('xz:1');

  it.concurrent.each([
    ...LARGE_COMPRESSIONS.map((compression) => [compression, 'one file'] as const),
    ...['xz:2', 'none'].map((compression) => [compression, 'a tree of files'] as const),
  ])(
    'of a large package gives the identical RPM where the old one is installed: %s, %s',
    async (compression, layout) => {
      const at = temporaryFolder();
      const content = largeContent(compression);
      const upgrade = await writeContent(at, content, layout, compression);
      const expected = readFileSync(upgrade.after);
      expect(run('rpm', ['-K', upgrade.after])).toContain('digests OK');
      const delta = await makeDelta(at, upgrade, optionsOf(compression));
      expect(statSync(delta).size).toBeLessThan(expected.length / 10);
      const applied = await applyToInstalledFiles(at, delta, upgrade, LAYOUTS[layout](content));
      expect(applied.equals(expected)).toBe(true);
    },
    LONG,
  );

  describe.each(OFFERED_COMPRESSIONS)('%s', (compression) => {
    it('gives the identical RPM, however it is made and applied', async () => {
      const at = temporaryFolder();
      const content = large.subarray(0, 300_000);
      const upgrade = await writeContent(at, content, 'a tree of files', compression);
      const expected = readFileSync(upgrade.after);
      for (const kind of [[], ['-r']]) {
        const delta = await makeDelta(at, upgrade, [...optionsOf(compression), ...kind]);
        expect((await applyToOldRpm(at, delta, upgrade)).equals(expected)).toBe(true);
      }
      const delta = await makeDelta(at, upgrade, optionsOf(compression));
      const applied = await applyToInstalledFiles(at, delta, upgrade, treeOf(content));
      expect(applied.equals(expected)).toBe(true);
    });
  });

  it.each([
    ['zstd:3', 'xz:2'],
    ['xz:2', 'none'],
    ['none', 'zstd:3'],
  ])('leads from one compression to another: %s, %s', async (before, after) => {
    const at = temporaryFolder();
    const content = large.subarray(0, 100_000);
    const upgrade = await writeContent(at, content, 'one file', after, before);
    const delta = await makeDelta(at, upgrade, optionsOf(after));
    const applied = await applyToInstalledFiles(at, delta, upgrade, oneFile(content));
    expect(applied.equals(readFileSync(upgrade.after))).toBe(true);
  });

  it('of signed packages gives the signed RPM', async () => {
    const at = temporaryFolder();
    const key = makeKey('ed25519');
    const upgrade = await writeContent(at, large.subarray(0, 100_000), 'one file', 'xz:2');
    for (const path of Object.values(upgrade) as string[]) {
      writeFileSync(path, Buffer.concat((await signRpm(readFileSync(path), key.sign)).chunks));
    }
    const applied = await applyToOldRpm(at, await makeDelta(at, upgrade), upgrade);
    expect(applied.equals(readFileSync(upgrade.after))).toBe(true);
  });

  it('is refused if the old RPM is a different one', async () => {
    const at = temporaryFolder();
    const upgrade = await writeContent(at, large.subarray(0, 100_000), 'one file', 'xz:2');
    const delta = await makeDelta(at, upgrade);
    const { exitCode, output } = attemptSync('applydeltarpm', ['-r', upgrade.after, delta, `${at}/applied.rpm`]);
    expect(output).toContain('delta rpm made for tiny-1.2-3, not tiny-1.3-3');
    expect(exitCode).not.toBe(0);
  });
});
