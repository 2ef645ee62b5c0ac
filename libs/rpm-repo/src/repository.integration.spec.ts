/** Repositories in the eyes of the real dnf: what it lists, downloads and refuses. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { planAdvisories } from './advisories.js';
import { sha256OfFile } from '@pinpack/common/digest';
import { DnfHost, HOST_PROGRAMS } from './dnf-host.fixture.js';
import { writeMetadata } from './metadata.js';
import { attempt, describeWith, temporaryFolder } from '@pinpack/testing';
import type { RepositoryRecord } from './record.js';
import { flip, signSample, writeDelta, writeKey, writeSample } from './samples.fixture.js';
import { withSigner, type KeySource, type Signer } from './signer.js';

const at = temporaryFolder();
const NAMES = ['tiny', 'plain'];
const FIXED = {
  id: 'CVE-2026-11111',
  title: 'An <overread>',
  href: 'https://example.com/CVE',
  severity: 'Important',
} as const;

interface Release {
  folder: string;
  record: RepositoryRecord;
}

/** One RPM is compressed, the other isn't. */
async function writeRelease(version: string, signer: Signer, previous?: Release): Promise<Release> {
  const folder = join(mkdtempSync(join(at, `release${version}-`)), 'repository');
  const packages = [];
  const deltas = [];
  for (const name of NAMES) {
    const compression = name === 'plain' ? ({ kind: 'none' } as const) : ({ kind: 'zstd', level: 3 } as const);
    const path = await writeSample(join(folder, 'packages'), { name, version, compression });
    const { evr, architecture, size, sha256 } = await signSample(path, signer);
    const file = `packages/${basename(path)}`;
    packages.push({
      name,
      evr,
      architecture,
      file,
      size,
      sha256,
      unsigned: sha256,
      closure: [],
      links: [{ title: 'Changelog', href: 'https://example.com/a?b&c' }],
      pin: { name, version },
    });
    const old = previous?.record.packages.find((each) => each.name === name);
    if (previous && old) deltas.push(await writeDelta(folder, join(previous.folder, old.file), path));
  }
  const advisories = planAdvisories({
    packages,
    previous: previous?.record,
    date: '2026-11-22T18:44:39Z',
    fixedBy: ({ name }) => (name === 'tiny' ? [FIXED] : []),
  });
  writeFileSync(join(folder, 'RPM-GPG-KEY-pinpack'), signer.publicKey);
  await writeMetadata(folder, {
    revision: previous === undefined ? 1_700_000_000 : 1_700_000_001,
    label: 'samples',
    vendor: 'us',
    packages,
    deltas,
    advisories,
    signer,
    workers: 2,
  });
  return { folder, record: { label: 'samples', packages, advisories } };
}

describeWith({ programs: HOST_PROGRAMS, root: true }, 'a repository', () => {
  let source: KeySource;
  let first: Release;
  let second: Release;
  let installed: DnfHost;
  beforeAll(async () => {
    source = { keyFile: await writeKey(at, 'rsa3072', '') };
    await withSigner(source, async (signer) => {
      first = await writeRelease('1.0', signer);
      second = await writeRelease('1.1', signer, first);
    });
    installed = new DnfHost(at);
    installed.serve(first.folder);
    const { exitCode, output } = await installed.dnf('install', ...NAMES);
    expect(exitCode, output).toBe(0);
  });

  /** A host with the first release installed, which sees the second. */
  function host(): DnfHost {
    const copy = new DnfHost(at, installed);
    copy.serve(second.folder);
    return copy;
  }

  it('is listed with its advisories', async () => {
    const one = host();
    const query = await one.dnf('repoquery', '--latest-limit=1', '--queryformat', '%{name} %{evr} %{location}');
    expect(query.output).toContain('tiny 1.1-1 packages/tiny-1.1-1.noarch.rpm');
    const list = await one.dnf('updateinfo', 'list');
    expect(list.output).toMatch(/tiny-1\.1-1 +Important\/Sec\. tiny-1\.1-1\.noarch/);
    expect(list.output).toMatch(/plain-1\.1-1 +enhancement +plain-1\.1-1\.noarch/);
    const info = await one.dnf('updateinfo', 'info');
    expect(info.output).toMatch(
      /tiny 1\.0 → 1\.1, fixes CVE-2026-11111[^]*Updated: 2026-11-22 18:44:39[^]*CVEs: CVE-2026-11111[^]*https:\/\/example\.com\/a\?b&c/,
    );
  });

  it('is upgraded where it fixes a vulnerability, and nowhere else, if only security is asked for', async () => {
    const one = host();
    const list = await one.dnf('updateinfo', 'list', '--security');
    expect(list.output).toMatch(/Important\/Sec\. tiny-1\.1-1/);
    expect(list.output).not.toContain('plain');
    const cves = await one.dnf('updateinfo', 'list', '--with-cve');
    expect(cves.output).toMatch(/CVE-2026-11111 +Important\/Sec\. tiny-1\.1-1\.noarch/);
    const { exitCode, output } = await one.dnf('upgrade', '--security');
    expect(exitCode, output).toBe(0);
    expect((await one.run('rpm', '-q', ...NAMES)).output).toBe('tiny-1.1-1.noarch\nplain-1.0-1.noarch');
  });

  it('is upgraded by deltas alone, to RPMs that rpm verifies', async () => {
    const one = host();
    const { exitCode, output, asked } = await one.dnf('upgrade');
    expect(exitCode, output).toBe(0);
    for (const name of NAMES)
      expect(output).toMatch(new RegExp(`\\[DRPM.*\\] ${name}-1\\.0-1_1\\.1-1\\.noarch\\.drpm: done`));
    expect(output).toMatch(/Delta RPMs reduced .* of updates to .* saved/);
    expect(asked.filter((path) => path.endsWith('.rpm'))).toEqual([]);
    expect((await one.run('rpm', '-q', ...NAMES)).output).toBe('tiny-1.1-1.noarch\nplain-1.1-1.noarch');
    expect(await one.run('rpm', '-Va')).toEqual({ exitCode: 0, output: '' });
  });

  it.each([
    ['a delta', 'drpms/tiny-1.0-1_1.1-1.noarch.drpm', /checksum doesn't match/],
    ['an RPM', 'packages/tiny-1.1-1.noarch.rpm', /checksum doesn't match/],
    ['repomd.xml', 'repodata/repomd.xml', /Bad GPG signature|GPG signature verification error/],
  ])('of which %s was tampered with is refused', async (_title, file, reason) => {
    const one = host();
    flip(one.path(file));
    const { exitCode, output } = await one.dnf(
      'upgrade',
      'tiny',
      `--setopt=under-test.deltarpm=${file.startsWith('drpms') ? '1' : '0'}`,
    );
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(reason);
    expect((await one.run('rpm', '-q', 'tiny')).output).toBe('tiny-1.0-1.noarch');
  });

  it('that is older than the one before is accepted: dnf itself does not recognize replays', async () => {
    const one = host();
    expect((await one.dnf('upgrade', '--refresh')).exitCode).toBe(0);
    one.serve(first.folder);
    const upgrade = await one.dnf('upgrade', '--refresh');
    expect([upgrade.exitCode, upgrade.output]).toEqual([0, expect.stringContaining('Nothing to do')]);
    expect((await one.dnf('distro-sync', '--refresh')).exitCode).toBe(0);
    expect((await one.run('rpm', '-q', 'tiny')).output).toBe('tiny-1.0-1.noarch');
  });

  it('of another key is refused', async () => {
    const one = host();
    const other = await withSigner({ keyFile: await writeKey(at, 'ed25519', '') }, (signer) =>
      writeRelease('1.1', signer),
    );
    one.serve(other.folder);
    writeFileSync(one.path('RPM-GPG-KEY-pinpack'), readFileSync(join(first.folder, 'RPM-GPG-KEY-pinpack')));
    const { exitCode, output } = await one.dnf('upgrade', 'tiny', '--setopt=under-test.repo_gpgcheck=0');
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/is not installed|GPG check FAILED/);
  });

  it('has a signature that gpg verifies, and zchunk beside gzip', async () => {
    const home = mkdtempSync(join(at, 'verify-'));
    const repomd = join(second.folder, 'repodata/repomd.xml');
    await attempt('gpg', ['--batch', '--import', join(second.folder, 'RPM-GPG-KEY-pinpack')], { GNUPGHOME: home });
    const { output } = await attempt('gpg', ['--batch', '--verify', `${repomd}.asc`, repomd], { GNUPGHOME: home });
    await attempt('gpgconf', ['--kill', 'all'], { GNUPGHOME: home });
    expect(output).toContain('Good signature from "Sample <sample@example.com>"');
    const types = [...readFileSync(repomd, 'utf8').matchAll(/<data type="([^"]+)"/g)].map(([, type]) => type);
    const expected = ['primary', 'filelists', 'other', 'prestodelta', 'updateinfo'];
    expect(types.sort()).toEqual(expected.flatMap((type) => [type, `${type}_zck`]).sort());
  });

  it('has the same bytes, in whatever order its files came', async () => {
    const again = join(mkdtempSync(join(at, 'again-')), 'repository');
    for (const name of readdirSync(join(second.folder, 'packages')).reverse()) {
      mkdirSync(join(again, 'packages'), { recursive: true });
      cpSync(join(second.folder, 'packages', name), join(again, 'packages', name), { preserveTimestamps: true });
    }
    const { advisories, packages } = second.record;
    const request = {
      revision: 1_700_000_000,
      label: 'samples',
      vendor: 'us',
      packages,
      deltas: [],
      advisories,
      workers: 1,
    };
    const files = async (folder: string) => {
      await withSigner(source, (signer) => writeMetadata(folder, { ...request, signer }));
      const names = readdirSync(join(folder, 'repodata')).sort();
      return Promise.all(names.map(async (name) => [name, await sha256OfFile(join(folder, 'repodata', name))]));
    };
    const copy = join(mkdtempSync(join(at, 'copy-')), 'repository');
    cpSync(join(second.folder, 'packages'), join(copy, 'packages'), { recursive: true, preserveTimestamps: true });
    expect(await files(again)).toEqual(await files(copy));
  });
});
