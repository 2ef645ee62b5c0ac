/** What `repo` and `delta` sign: only the RPM that its task made for the lock, whatever lies under its name. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { inspectPackageFile, signPackageFile, type Signer } from '@pinpack/rpm-repo';
import { temporaryFolder } from '@pinpack/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findSetRpm, wantedRpms } from '../rpms/set-rpms.js';
import { reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import { makeRepository } from './make-repository.js';
import { prepareRpm } from './prepare-rpm.js';
import { countingSigner, SamplePublication, SET, wheelRpm, writeRpm, type SampleRpm } from './publication.fixture.js';

const NAME = `${SET}-wheel-tiny`;
const FILE = `${NAME}-1.0.0-1.noarch.rpm`;

let other: { signer: Signer };
beforeAll(async () => {
  other = await countingSigner();
});

describe('an RPM of a set', () => {
  let release: SamplePublication;
  let signer: Signer;
  let count: { signatures: number };
  const place = () => join(release.root, reqsetPaths(SET).rpms, FILE);

  beforeEach(async () => {
    release = await SamplePublication.make({ tiny: '1.0.0' });
    ({ signer, count } = await countingSigner());
  });

  async function prepare(by: Signer | undefined) {
    const rpm = await findSetRpm(release.root, await wantedRpms(release.root, SET), NAME);
    return prepareRpm({ root: release.root, set: SET, rpm, signer: by });
  }

  async function makeOther(sample: SampleRpm): Promise<Buffer> {
    const folder = mkdtempSync(join(temporaryFolder(), 'other-'));
    await writeRpm(folder, sample);
    return readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.rpm')) ?? ''));
  }

  /** As somebody does it who can write to a cache, who may replace the digest too. */
  function replace(bytes: Uint8Array, withDigest: boolean): void {
    writeFileSync(place(), bytes);
    const digest = { format: 1, file: FILE, sha256: sha256Of(bytes) };
    if (withDigest) writeFileSync(join(release.root, rpmDigestFile(SET, NAME)), JSON.stringify(digest));
  }

  async function expectRefusal(...reasons: RegExp[]): Promise<void> {
    const { root } = release;
    const tools = release.tools({}, { publication: undefined, signer });
    for (const attempt of [
      () => prepare(signer),
      () => prepare(undefined),
      () => makeRepository({ root, set: SET, vendor: 'us', tools, environment: {} }),
    ]) {
      const error = await attempt().then(
        () => new Error('it was accepted'),
        (reason: unknown) => reason as Error,
      );
      for (const reason of reasons) expect(error.message).toMatch(reason);
    }
    expect(count.signatures).toBeLessThanOrEqual(2);
    expect(existsSync(join(root, 'dist/repo'))).toBe(false);
  }

  it('is signed as its task made it', async () => {
    const { path, facts, unsigned } = await prepare(signer);
    expect(unsigned).toBe(sha256Of(readFileSync(place())));
    const expected = { name: NAME, evr: '1.0.0-1', sha256: facts.sha256, signedBy: signer };
    expect((await inspectPackageFile(path, expected)).problems).toEqual([]);
    expect((await inspectPackageFile(path, { ...expected, signedBy: other.signer })).problems).toHaveLength(1);
  });

  it.each([false, true])('that is another package is refused; its digest replaced too: %s', async (withDigest) => {
    replace(await makeOther({ name: 'x-wheel-evil', version: '1.0.0' }), withDigest);
    await expectRefusal(
      /its name is x-wheel-evil, expected demo-wheel-tiny/,
      /by its header, it is x-wheel-evil-1\.0\.0-1\.noarch\.rpm/,
      ...(withDigest ? [] : [/its sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/]),
    );
  });

  it('of another version is refused', async () => {
    replace(await makeOther(wheelRpm('tiny', '0.9.0')), true);
    await expectRefusal(/its version and release is 0\.9\.0-1, expected 1\.0\.0-1/);
  });

  it('with the same name and version but other content is refused', async () => {
    replace(await makeOther(wheelRpm('tiny', '1.0.0', 'evil')), false);
    await expectRefusal(/its sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/);
  });

  it('that someone else signed is refused', async () => {
    replace(Buffer.concat(await signPackageFile(place(), other.signer.sign)), true);
    await expectRefusal(/it has a signature, expected none/);
  });

  it.each([
    ['header', 5_000],
    ['payload', 50_000],
  ])('with a flipped bit in its %s is refused', async (_part, offset) => {
    const bytes = readFileSync(place());
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    replace(bytes, true);
    await expectRefusal(/sha256/);
  });

  it('without a digest, or with the digest of another file, is refused', async () => {
    const file = join(release.root, rpmDigestFile(SET, NAME));
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace(FILE, 'other.rpm'));
    await expect(prepare(signer)).rejects.toThrow('is of other.rpm');
    writeFileSync(file, whole.slice(0, 20));
    await expect(prepare(signer)).rejects.toMatchObject({ code: 'PINPACK_RPM_DIFFERS' });
    writeFileSync(file, '');
    await expect(prepare(signer)).rejects.toThrow(/Build the RPM again: nx run demo-wheel-tiny:rpm --skip-nx-cache/);
  });

  it.each([
    ['one with other content', 'evil'],
    ['one that another key signed', undefined],
  ])('is signed again if the cache of signed files has %s in its place', async (_what, seed) => {
    const { path, unsigned, facts } = await prepare(signer);
    const bytes = seed === undefined ? readFileSync(place()) : await makeOther(wheelRpm('tiny', '1.0.0', seed));
    const scratch = join(temporaryFolder(), 'evil.rpm');
    writeFileSync(scratch, bytes);
    const evil = Buffer.concat(await signPackageFile(scratch, (seed === undefined ? other.signer : signer).sign));
    const after = count.signatures;
    writeFileSync(join(path, '..', `${unsigned}-${sha256Of(evil)}.rpm`), evil);
    writeFileSync(path, evil);
    expect((await prepare(signer)).facts.sha256).toBe(facts.sha256);
    expect(count.signatures - after).toBe(1);
  });
});
