/** The parsers of the program on servers, with changed bytes: libs/pinpack-dnf/tests/fuzz_parsers.py. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRpm } from '@pinpack/rpm-gen';
import { attempt, describeWith, fuzzRuns, installedPythons, temporaryFolder } from '@pinpack/testing';
import { expect, it } from 'vitest';
import { writeKey } from '../samples.fixture.js';
import { withSigner } from '../signer.js';
import { writeRelease } from './release.fixture.js';

const FUZZ = fileURLToPath(new URL('../../../pinpack-dnf/tests/fuzz_parsers.py', import.meta.url));
const at = temporaryFolder();

describeWith({ programs: ['createrepo_c', 'gpg', 'gpgconf'] }, 'the parsers of servers', () => {
  it('report whatever is wrong as a problem', { timeout: 600_000 }, async () => {
    const source = { keyFile: await writeKey(at, 'ed25519', '') };
    const { first, second } = await withSigner(source, async (signer) => {
      const older = await writeRelease('1.0', signer, { at });
      return { first: older, second: await writeRelease('1.1', signer, { at, previous: [older] }) };
    });
    const folder = join(at, 'inputs');
    mkdirSync(folder);
    const repodata = join(second.folder, 'repodata');
    const metadata = (ending: string) =>
      join(repodata, readdirSync(repodata).find((each) => each.endsWith(ending)) ?? '');
    const oldRpm = join(first.folder, 'packages/packed-1.0-1.noarch.rpm');
    copyFileSync(join(second.folder, 'patches/packed-1.0-1_1.1-1.noarch.patch'), join(folder, 'patch'));
    copyFileSync(oldRpm, join(folder, 'old.rpm'));
    copyFileSync(metadata('primary.xml.gz'), join(folder, 'primary.xml.gz'));
    copyFileSync(metadata('repomd.xml'), join(folder, 'repomd.xml'));
    copyFileSync(metadata('pinpack-patches.yaml.gz'), join(folder, 'index.gz'));
    const bytes = readFileSync(oldRpm);
    const { headerOffset, payloadOffset } = readRpm(bytes);
    writeFileSync(join(folder, 'header'), bytes.subarray(headerOffset, payloadOffset));
    const pythons = installedPythons();
    for (const python of [pythons.at(0), pythons.at(-1)]) {
      // The result of CI depends on the change alone.
      const seed = process.env.PINPACK_FUZZ_RUNS === undefined ? 1 : Math.floor(Math.random() * 1e9);
      const { exitCode, output } = await attempt(python ?? '', [
        '-IBS',
        FUZZ,
        String(fuzzRuns(150)),
        String(seed),
        folder,
      ]);
      expect(exitCode, `${python ?? ''}, seed ${seed}: ${output}`).toBe(0);
    }
  });
});
