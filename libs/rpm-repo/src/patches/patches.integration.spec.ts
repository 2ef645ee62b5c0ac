/** Patches in the eyes of the real dnf: what it downloads with the plugin, and what it does when something is wrong. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { DnfHost, HOST_PROGRAMS } from '../dnf-host.fixture.js';
import { writeMetadata } from '../metadata.js';
import { flip, signSample, writeKey, writePatch, writeSample, type Sample } from '../samples.fixture.js';
import { withSigner, type KeySource, type Signer } from '../signer.js';
import type { PublishedPatch } from './patch-index.js';

const at = temporaryFolder();
const TEXT = 'The same line, many times.\n'.repeat(10_000);
const NAMES = ['plain', 'packed'];
const COMPRESSIONS = { plain: { kind: 'none' }, packed: { kind: 'xz', level: 2 } } as const;
const PATCHES = ['/patches/packed-1.0-1_1.1-1.noarch.patch', '/patches/plain-1.0-1_1.1-1.noarch.patch'];

interface Release {
  folder: string;
  packages: { name: string; path: string }[];
}

type Change = (patches: PublishedPatch[]) => PublishedPatch[];

async function writeRelease(
  version: string,
  signer: Signer,
  { previous, change = (patches) => patches }: { previous?: Release; change?: Change } = {},
): Promise<Release> {
  const folder = join(mkdtempSync(join(at, `release${version}-`)), 'repository');
  const described = [];
  const packages = [];
  const patches: PublishedPatch[] = [];
  for (const name of ['plain', 'packed'] as const) {
    const sample: Sample = { name, version, compression: COMPRESSIONS[name], text: TEXT };
    const path = await writeSample(join(folder, 'packages'), sample);
    const { evr, architecture, size, sha256 } = await signSample(path, signer);
    described.push({ name, evr, architecture, file: `packages/${basename(path)}`, size, sha256 });
    packages.push({ name, path });
    const old = previous?.packages.find((each) => each.name === name)?.path;
    for (const from of [undefined, ...(old === undefined ? [] : [old])]) {
      const patch = await writePatch(folder, path, from);
      if (patch !== undefined) patches.push(patch);
    }
  }
  writeFileSync(join(folder, 'RPM-GPG-KEY-pinpack'), signer.publicKey);
  await writeMetadata(folder, {
    ...{ revision: 1_700_000_000, label: 'samples', vendor: 'us', packages: described, deltas: [], advisories: [] },
    ...{ patches: change(patches), signer, workers: 2 },
  });
  return { folder, packages };
}

describeWith({ programs: HOST_PROGRAMS, root: true }, 'a repository with patches', () => {
  let source: KeySource;
  let first: Release;
  let second: Release;
  let installed: DnfHost;
  beforeAll(async () => {
    source = { keyFile: await writeKey(at, 'rsa3072', '') };
    await withSigner(source, async (signer) => {
      first = await writeRelease('1.0', signer);
      second = await writeRelease('1.1', signer, { previous: first });
    });
    installed = new DnfHost(at);
    installed.serve(first.folder);
    const { exitCode, output } = await installed.dnf('install', ...NAMES);
    expect(exitCode, output).toBe(0);
  });

  /** A host with the plugin and the first release, which sees another one. */
  function host(release = second): DnfHost {
    const copy = new DnfHost(at, installed);
    copy.addPlugin();
    copy.serve(release.folder);
    return copy;
  }

  async function expectVersion(one: DnfHost, version: string): Promise<void> {
    const names = NAMES.map((name) => `${name}-${version}-1.noarch`).join('\n');
    expect((await one.run('rpm', '-q', ...NAMES)).output).toBe(names);
    expect(await one.run('rpm', '-Va')).toEqual({ exitCode: 0, output: '' });
  }

  it('upgrades by patches alone, to RPMs that dnf and rpm verify', async () => {
    const one = host();
    const { exitCode, output, asked, bytes } = await one.dnf('upgrade');
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/pinpack: rebuilt 2 of 2 RPMs from patches of 0\.0 MB instead of 0\.9 MB/);
    expect(asked.filter((path) => /^.(?:packages|patches)./.test(path)).sort()).toEqual(PATCHES);
    expect(bytes).toBeLessThan(50_000);
    await expectVersion(one, '1.1');
  });

  it('installs from a patch against nothing, where that is smaller', async () => {
    const one = new DnfHost(at);
    one.addPlugin();
    one.serve(second.folder);
    const { exitCode, output, asked } = await one.dnf('install', ...NAMES);
    expect(exitCode, output).toBe(0);
    expect(asked.filter((path) => /^.(?:packages|patches)./.test(path)).sort()).toEqual([
      '/packages/packed-1.1-1.noarch.rpm',
      '/patches/plain-1.1-1.noarch.patch',
    ]);
    await expectVersion(one, '1.1');
  });

  it('downloads no patches before the user has confirmed', async () => {
    const { asked } = await host().dnf('upgrade', '--assumeno');
    expect(asked.filter((path) => path.startsWith('/patches'))).toEqual([]);
  });

  it('is used without patches if its metadata is not signed', async () => {
    const one = host();
    const { exitCode, asked } = await one.dnf('upgrade', '--setopt=under-test.repo_gpgcheck=0');
    expect(exitCode).toBe(0);
    expect(asked.filter((path) => path.includes('patch'))).toEqual([]);
    await expectVersion(one, '1.1');
  });

  it.each<[string, (one: DnfHost) => void, RegExp]>([
    [
      'a patch was tampered with',
      (one) => {
        flip(one.path('patches/plain-1.0-1_1.1-1.noarch.patch'));
      },
      /could not be downloaded/,
    ],
    [
      'a patch is missing',
      (one) => {
        rmSync(one.path('patches/plain-1.0-1_1.1-1.noarch.patch'));
      },
      /could not be downloaded/,
    ],
    [
      'an installed file was changed',
      (one) => {
        flip(one.own('/opt/plain/bulk'));
      },
      /installed files of the package were changed: rpm -V/,
    ],
    [
      'an installed file has another size',
      (one) => {
        writeFileSync(one.own('/opt/plain/bulk'), '');
      },
      /\/opt\/plain\/bulk was changed/,
    ],
    [
      'the program is missing',
      (one) => {
        rmSync(one.own('/usr/lib/pinpack-dnf/pinpack-patch'));
      },
      /can't open file/,
    ],
  ])('downloads the RPM if %s', async (_title, damage, reason) => {
    const one = host();
    damage(one);
    const { exitCode, output, asked } = await one.dnf('upgrade');
    expect(exitCode, output).toBe(0);
    expect(output.split('\n').filter((line) => line.startsWith('pinpack: plain: '))).toEqual([
      expect.stringMatching(reason),
    ]);
    expect(asked).toContain('/packages/plain-1.1-1.noarch.rpm');
    await expectVersion(one, '1.1');
  });

  it('downloads the RPM if the index lists the patch of another package', async () => {
    const swap: Change = (patches) =>
      patches.map((patch) => {
        const { file, size, sha256 } = patches.find((each) => each.name !== patch.name && each.old) ?? patch;
        return patch.old === undefined ? patch : { ...patch, file, size, sha256 };
      });
    const swapped = await withSigner(source, (signer) =>
      writeRelease('1.1', signer, { previous: first, change: swap }),
    );
    const one = host(swapped);
    const { exitCode, output, asked } = await one.dnf('upgrade');
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(
      /pinpack: plain: the patch is (?:for another package than the installed one|damaged: .*): downloading the RPM/,
    );
    expect(asked).toContain('/packages/plain-1.1-1.noarch.rpm');
    await expectVersion(one, '1.1');
  });

  it('is refused by dnf if the index was tampered with', async () => {
    const one = host();
    const repodata = one.path('repodata');
    for (const name of readdirSync(repodata).filter((each) => each.includes('pinpack-patches')))
      flip(join(repodata, name));
    const { exitCode } = await one.dnf('upgrade');
    expect(exitCode).not.toBe(0);
    await expectVersion(one, '1.0');
  });

  it('leaves nothing behind when dnf is killed, and works the next time', async () => {
    const one = host();
    const program = one.own('/usr/lib/pinpack-dnf/pinpack-patch');
    const original = readFileSync(program);
    writeFileSync(program, 'import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n');
    const killed = await one.dnf('upgrade');
    expect(killed.exitCode).not.toBe(0);
    await expectVersion(one, '1.0');
    writeFileSync(program, original);
    const { exitCode, output } = await one.dnf('upgrade');
    expect(exitCode, output).toBe(0);
    expect(output).toContain('pinpack: rebuilt 2 of 2 RPMs');
    expect((await one.run('find', '/var/cache/dnf', '-name', '.pinpack-*')).output).toBe('');
    await expectVersion(one, '1.1');
  });

  it('leaves the old version in place if the disk is full', async () => {
    const one = host();
    const { exitCode, output } = await one.dnfOnFullDisk('upgrade');
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/No space left on device: downloading the RPM/);
    await expectVersion(one, '1.0');
  });
});
