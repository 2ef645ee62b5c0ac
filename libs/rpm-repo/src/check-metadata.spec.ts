/** What createrepo_c made of RPMs against what went in. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync, gunzipSync } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { checkMetadata, type DescribedPackage } from './check-metadata.js';
import { writeMetadata } from './metadata.js';
import { readPackageFile } from './package-file.js';
import type { PublishedDelta } from './prestodelta.js';
import type { Advisory } from './record.js';
import { writeDelta, writeSample } from './samples.fixture.js';

const at = temporaryFolder();
const ADVISORY: Advisory = {
  ...{ id: 'tiny-1.1-1', type: 'bugfix', title: 'tiny', description: 'tiny', date: '2026-11-22T18:44:39Z' },
  ...{ references: [], packages: [] },
};

describeWith({ programs: ['createrepo_c', 'modifyrepo_c', 'makedeltarpm'] }, 'the metadata of a repository', () => {
  let whole: string;
  let folder: string;
  let packages: DescribedPackage[];
  let deltas: PublishedDelta[];

  const write = (into: string) =>
    writeMetadata(into, {
      ...{ label: 'samples', vendor: 'us', revision: 1_700_000_000, workers: 1, signer: undefined },
      ...{ packages, deltas, advisories: [ADVISORY] },
    });
  const check = () => checkMetadata(folder, { packages, deltas, advisories: [ADVISORY] });

  beforeAll(async () => {
    whole = join(mkdtempSync(join(at, 'whole-')), 'repository');
    const rpms = join(whole, 'packages');
    const old = await writeSample(at, { name: 'tiny', version: '1.0' });
    const paths = [
      await writeSample(rpms, { name: 'tiny', version: '1.1' }),
      await writeSample(rpms, { name: 'small', version: '1' }),
    ];
    deltas = [await writeDelta(whole, old, paths[0] ?? '')];
    packages = await Promise.all(
      paths.map(async (path) => ({ ...(await readPackageFile(path)), file: `packages/${basename(path)}` })),
    );
    await write(whole);
  });
  beforeEach(() => {
    folder = join(mkdtempSync(join(at, 'copy-')), 'repository');
    cpSync(whole, folder, { recursive: true, preserveTimestamps: true });
  });

  it('has every package, delta and advisory', async () => {
    const { revision, files } = await check();
    expect(revision).toBe(1_700_000_000);
    expect(files).toHaveLength(10);
  });

  it('without a package that createrepo_c left out is refused, and the package is named', async () => {
    rmSync(join(folder, 'repodata'), { recursive: true });
    const path = join(folder, 'packages/small-1-1.noarch.rpm');
    const bytes = Buffer.from(readFileSync(path).toString('latin1').replace('A sample\0', 'A\u000bsample\0'), 'latin1');
    writeFileSync(path, bytes);
    packages = packages.map((each) => (each.name === 'small' ? { ...each, sha256: sha256Of(bytes) } : each));
    await expect(write(folder)).rejects.toMatchObject({
      code: 'REPO_METADATA_DIFFERS',
      message: expect.stringMatching(
        /primary lists 1 packages and counts 1, expected 2\n {2}primary lacks packages\/small-1-1\.noarch\.rpm[^]*filelists lacks small-1-1[^]*other lacks small-1-1/,
      ) as string,
    });
    packages = packages.map((each) => ({ ...each, sha256: sha256Of(readFileSync(join(whole, each.file))) }));
  });

  it('with a package that did not go in is refused', async () => {
    await writeSample(join(folder, 'packages'), { name: 'other', version: '1' });
    rmSync(join(folder, 'repodata'), { recursive: true });
    await expect(write(folder)).rejects.toThrow(
      /primary has packages\/other-1-1\.noarch\.rpm.*, which was not expected/,
    );
  });

  /** Rewrites a file of the metadata and its digests in repomd.xml. */
  function edit(type: string, change: (text: string) => string): void {
    const repomd = join(folder, 'repodata/repomd.xml');
    const text = readFileSync(repomd, 'utf8');
    const [block = ''] = new RegExp(`<data type="${type}">[^]*?</data>`).exec(text) ?? [];
    const [, href = ''] = /href="([^"]+)"/.exec(block) ?? [];
    const changed = change(gunzipSync(readFileSync(join(folder, href))).toString());
    writeFileSync(join(folder, href), gzipSync(changed));
    const sums = [sha256Of(gzipSync(changed)), sha256Of(changed)];
    const rewritten = block.replaceAll(
      /(checksum type="sha256">)[0-9a-f]+/g,
      (_all, head: string) => `${head}${sums.shift() ?? ''}`,
    );
    writeFileSync(repomd, text.replace(block, rewritten));
  }

  it.each([
    ['primary', '<version epoch="0" ver="1.1"', '<version epoch="0" ver="1.2"', 'primary lacks packages/tiny-1.1-1'],
    ['primary', 'packages/tiny-1.1-1', 'packages/tiny-1.2-1', 'primary lacks packages/tiny-1.1-1'],
    ['primary', '<arch>noarch', '<arch>x86_64', 'primary has packages/'],
    ['primary', 'packages="2"', 'packages="3"', 'counts 3, expected 2'],
    ['filelists', 'pkgid="', 'pkgid="0', 'filelists lacks'],
    ['other', 'name="tiny"', 'name="tidy"', 'other lacks tiny-1.1-1.noarch'],
    ['prestodelta', '<size>', '<size>1', 'prestodelta lacks drpms/tiny-1.0-1_1.1-1.noarch.drpm'],
    ['prestodelta', 'oldversion="1.0"', 'oldversion="1.2"', 'prestodelta has'],
    ['updateinfo', '<id>tiny-1.1-1', '<id>tidy-1.1-1', 'updateinfo lacks tiny-1.1-1'],
  ])('of which %s says %s as %s is refused', async (type, from, to, problem) => {
    edit(type, (text) => text.replace(from, to));
    await expect(check()).rejects.toMatchObject({
      code: 'REPO_METADATA_DIFFERS',
      message: expect.stringContaining(problem) as string,
    });
    await expect(check()).rejects.toThrow(`${type}_zck has another content than ${type}`);
  });

  it('of which a file is damaged, missing or no XML is refused', async () => {
    const repomd = join(folder, 'repodata/repomd.xml');
    const text = readFileSync(repomd, 'utf8');
    writeFileSync(repomd, text.replace(/<data type="other_zck">[^]*?<\/data>/, ''));
    await expect(check()).rejects.toThrow('other_zck is missing');
    writeFileSync(repomd, text.slice(0, -20));
    await expect(check()).rejects.toThrow('cannot be read');
    writeFileSync(repomd, text.replace(/href="repodata\/[^"]*-other.xml.gz"/, 'href="repodata/none.gz"'));
    await expect(check()).rejects.toThrow('ENOENT');
  });
});
