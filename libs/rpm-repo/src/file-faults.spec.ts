/** Every file-system call of making a repository fails once, in turn: the folder is the old repository or the new one, both complete. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { endFileFaults, failFileCall, FILE_FAULTS } from '@pinpack/testing/file-faults';
import { beforeAll, expect, it, vi } from 'vitest';
import { checkMetadata } from './check-metadata.js';
import { readPackageFile } from './package-file.js';
import { parseRepositoryRecord } from './record.js';
import { writeKey, writeSample } from './samples.fixture.js';
import { withSigner, type Signer } from './signer.js';
import { writeRepository, type RepositoryPackage } from './write-repository.js';

vi.mock('node:fs/promises', async (original) => {
  const { withFaults } = await import('@pinpack/testing/file-faults');
  return withFaults(await original());
});

/** Some dozen repositories, one after the other. */
const PATIENCE_MS = 10 * 60_000;

describeWith({ programs: ['createrepo_c', 'gpg'] }, 'a repository', () => {
  const at = temporaryFolder();
  const folder = join(at, 'place/demo');
  let signer: Signer;
  let packages: RepositoryPackage[];

  beforeAll(async () => {
    signer = await withSigner({ keyFile: await writeKey(at, 'ed25519', '') }, (opened) => Promise.resolve(opened));
    const path = await writeSample(mkdtempSync(join(at, 'rpms-')), { name: 'tiny', version: '1' });
    const facts = await readPackageFile(path);
    const { name, evr, architecture, size, sha256 } = facts;
    const file = `packages/${basename(path)}`;
    packages = [
      { name, evr, architecture, size, sha256, file, unsigned: sha256, closure: [], links: [], rpm: { path } },
    ];
  });

  function write(revision: number): Promise<void> {
    const parts = { packages, deltas: [], advisories: [], deltaFolder: at, content: sha256Of(String(revision)) };
    return writeRepository({ ...parts, folder, label: 'demo', vendor: 'us', signer, revision });
  }

  /** @returns its revision, after everything in it has been compared */
  async function readWhole(): Promise<number> {
    const record = parseRepositoryRecord(readFileSync(join(folder, 'repository.json'), 'utf8'), folder);
    const { revision } = await checkMetadata(folder, { packages: record.packages, deltas: [], advisories: [] });
    expect(record.revision).toBe(revision);
    const files = [...record.packages.map(({ file }) => file), 'repodata/repomd.xml.asc', 'RPM-GPG-KEY-pinpack'];
    for (const file of files) expect(readFileSync(join(folder, file)).length).toBeGreaterThan(0);
    return revision;
  }

  it(
    'loses nothing, whichever call fails',
    async () => {
      await write(1);
      for (let call = 1; ; call++) {
        const fault = FILE_FAULTS[call % FILE_FAULTS.length] ?? 'EIO';
        failFileCall(call, fault);
        const error: unknown = await write(call + 1).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        const { failed } = endFileFaults();
        const where = `${fault} at call ${call}: ${failed}`;
        // A fault of the last steps may have come too late to matter.
        expect(await readWhole(), where).toBeOneOf(error === undefined ? [call + 1] : [call, call + 1]);
        if (failed === '') {
          expect(call).toBeGreaterThan(20);
          break;
        }
        if (error !== undefined) expect((error as Error).message, where).toContain(fault);
        await write(call + 1);
        expect(await readWhole(), where).toBe(call + 1);
      }
      expect(readdirSync(join(at, 'place'))).toEqual(['demo']);
    },
    PATIENCE_MS,
  );

  it('that a killed run had moved away is back before the next one is made', async () => {
    await write(7);
    renameSync(folder, join(at, 'place/.demo.old.killed'));
    failFileCall(8);
    await expect(write(8)).rejects.toThrow('injected fault');
    endFileFaults();
    expect(await readWhole()).toBe(7);
    rmSync(folder, { recursive: true });
  });
});
