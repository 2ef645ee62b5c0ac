/** Random packages: the same tags and members as those of rpmbuild. Mutated packages: rpm installs nothing that the reader refuses to trust. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  attemptSync,
  describeWith,
  fuzzOptions,
  fuzzRuns,
  mutate,
  seededRandom,
  temporaryFolder,
} from '@pinpack/testing';
import { RpmError } from './errors.js';
import { drawPackage } from './random-spec.fixture.js';
import { buildReference, comparable } from './reference.fixture.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { NONE, sampleEntries, sampleRpm, minimalSpec, ZSTD } from './samples.fixture.js';

/** rpmbuild takes a third of a second for each. `npm run fuzz` tries as many as it is told. */
const USUAL = 40;
const CASE_MS = 3000;

describeWith(['rpmbuild'], 'a random package', () => {
  it('has the same tags by rpmbuild', fuzzOptions(USUAL, CASE_MS), async () => {
    const folder = temporaryFolder();
    for (let number = 0; number < fuzzRuns(USUAL); number++) {
      const { spec, entries } = drawPackage(seededRandom(number));
      const at = join(folder, String(number));
      mkdirSync(at);
      const reference = readFileSync(await buildReference(at, spec, entries));
      const ours = await sampleRpm(spec, entries, NONE);
      // Every difference is reported, not only the first.
      expect.soft(comparable(ours), `case ${number}`).toEqual(comparable(reference));
      rmSync(at, { recursive: true });
    }
  });
});

describeWith(['rpm'], 'a mutated package', () => {
  it('is read only if rpm verifies its digests too', fuzzOptions(USUAL, CASE_MS), async () => {
    const sample = await sampleRpm(minimalSpec(), sampleEntries(), ZSTD);
    const path = join(temporaryFolder(), 'mutated.rpm');
    for (let number = 0; number < fuzzRuns(USUAL); number++) {
      const data = mutate(sample, seededRandom(number));
      writeFileSync(path, data);
      const rpm = attemptSync('rpm', ['-K', '--nosignature', path]);
      expect.soft({ number, accepted: await isRead(data), rpm: rpm.output.trim() }).toEqual({
        number,
        accepted: rpm.exitCode === 0,
        rpm: rpm.output.trim(),
      });
    }
  });
});

async function isRead(data: Uint8Array): Promise<boolean> {
  try {
    readRpm(data);
    await readPayload(data);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(RpmError);
    return false;
  }
}
