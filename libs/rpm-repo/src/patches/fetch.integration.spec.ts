/**
 * `pinpack-runtime fetch`: a local repository that is kept up to date by patches, over HTTP and from a folder, and what zypper installs from it. zypper runs
 * in a root that PINPACK_TEST_ZYPPER_ROOT names: `trixie` of tools/fleets/make-roots.sh.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith, installedPythons, temporaryFolder } from '@pinpack/testing';
import { DnfHost } from '../dnf-host.fixture.js';
import { flip, writeKey } from '../samples.fixture.js';
import { withSigner, type KeySource } from '../signer.js';
import { writeRelease, type Release } from './release.fixture.js';
import { Web } from './web.fixture.js';

const PROGRAM = fileURLToPath(new URL('../../../pinpack-dnf/bin/pinpack-fetch', import.meta.url));
const at = temporaryFolder();
const ZYPPER_ROOT = process.env.PINPACK_TEST_ZYPPER_ROOT ?? '';
const NO_ZYPPER =
  process.getuid?.() !== 0
    ? ' (skipped: needs root)'
    : ZYPPER_ROOT === ''
      ? ' (skipped: needs PINPACK_TEST_ZYPPER_ROOT, a root with zypper, which tools/nightly.sh makes)'
      : '';

async function fetchTo(folder: string, source: string, ...words: string[]) {
  const python = installedPythons()[0] ?? 'python3';
  const env = { no_proxy: '127.0.0.1' };
  return execa(python, ['-IBS', PROGRAM, source, folder, ...words], { all: true, reject: false, env });
}

/** Relative to the folder, without those of the run. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

function expectCopy(folder: string, { folder: published }: Release): void {
  const files = listing(published).filter((path) => !path.startsWith('patches/'));
  expect(listing(folder)).toEqual(files);
  for (const path of files)
    expect(readFileSync(join(folder, path)).equals(readFileSync(join(published, path)))).toBe(true);
}

describeWith({ programs: ['createrepo_c', 'gpg', 'gpgconf', 'rpm'] }, 'fetch', () => {
  let source: KeySource;
  let first: Release;
  let second: Release;
  const webs: Web[] = [];
  beforeAll(async () => {
    source = { keyFile: await writeKey(at, 'rsa3072', '') };
    await withSigner(source, async (signer) => {
      first = await writeRelease('1.0', signer, { at });
      second = await writeRelease('1.1', signer, { at, previous: [first] });
    });
  });
  afterEach(() => {
    for (const web of webs.splice(0)) web.close();
  });

  const keyOf = ({ folder }: Release) => ['--key', join(folder, 'RPM-GPG-KEY-pinpack')];

  async function serve(folder: string): Promise<{ web: Web; url: string }> {
    const web = new Web(folder);
    webs.push(web);
    return { web, url: await web.listen() };
  }

  /** A local repository of the first release, and a copy of the second that a test may change. */
  async function prepare(): Promise<{ local: string; published: string }> {
    const folder = mkdtempSync(join(at, 'fetch-'));
    const [local, published] = [join(folder, 'local'), join(folder, 'published')];
    const { exitCode, all } = await fetchTo(local, first.folder, ...keyOf(first));
    expect(exitCode, all).toBe(0);
    cpSync(second.folder, published, { recursive: true });
    return { local, published };
  }

  it('copies a repository, and updates it by patches', async () => {
    const { local, published } = await prepare();
    expectCopy(local, first);
    const { web, url } = await serve(published);
    const { exitCode, all } = await fetchTo(local, url);
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/0 unchanged, 2 rebuilt from patches, 0 downloaded; 0\.0 MB transferred/);
    expect(web.asked.filter((path) => path.includes('.rpm'))).toEqual([]);
    expectCopy(local, second);
    expect((await fetchTo(local, url)).all).toMatch(/2 unchanged, 0 rebuilt from patches, 0 downloaded/);
  });

  it('runs under every Python', { timeout: 300_000 }, async () => {
    const pythons = installedPythons();
    expect(pythons.length).toBeGreaterThan(0);
    for (const python of pythons) {
      const local = join(mkdtempSync(join(at, 'python-')), 'local');
      for (const release of [first, second]) {
        const { exitCode, all } = await execa(python, ['-IBS', PROGRAM, release.folder, local, ...keyOf(release)], {
          all: true,
          reject: false,
        });
        expect(exitCode, `${python}: ${all}`).toBe(0);
        expectCopy(local, release);
      }
    }
  });

  it('updates from a folder with nothing but patches', async () => {
    const { local, published } = await prepare();
    const stick = join(local, '../stick');
    const filled = await fetchTo(stick, published, '--patches-only', ...keyOf(second));
    expect(filled.exitCode, filled.all).toBe(0);
    const files = listing(stick);
    expect(files).toContain('patches/packed-1.0-1_1.1-1.noarch.patch');
    // Compressed by xz, so no patch contains the whole.
    expect(files.filter((path) => path.endsWith('.rpm'))).toEqual(['packages/packed-1.1-1.noarch.rpm']);
    const { exitCode, all } = await fetchTo(local, stick);
    expect(exitCode, all).toBe(0);
    expect(all).toContain('2 rebuilt from patches');
    expectCopy(local, second);
  });

  it('finds the latest publication by its mirrorlist', async () => {
    const { local, published } = await prepare();
    const { url } = await serve(published);
    writeFileSync(join(published, 'mirrorlist'), `${url}/\n`);
    const { exitCode, all } = await fetchTo(local, `${url}/mirrorlist`);
    expect(exitCode, all).toBe(0);
    expectCopy(local, second);
  });

  it('continues a download that was cut', async () => {
    const { local, published } = await prepare();
    rmSync(join(published, 'patches'), { recursive: true });
    const { web, url } = await serve(published);
    web.cut = 200_000;
    const { exitCode, all } = await fetchTo(local, url);
    expect(exitCode, all).toBe(0);
    expect(web.asked).toContainEqual(expect.stringMatching(/\.rpm bytes=\d+-$/));
    expectCopy(local, second);
  });

  it.each<[string, (paths: { local: string; published: string }) => void, RegExp]>([
    [
      'a patch was tampered with',
      ({ published }) => {
        flip(join(published, 'patches/plain-1.0-1_1.1-1.noarch.patch'));
      },
      /plain-1\.1-1\.noarch\.rpm: .*is not the file that the repository lists: downloading the RPM/,
    ],
    [
      'a patch is missing',
      ({ published }) => {
        rmSync(join(published, 'patches/plain-1.0-1_1.1-1.noarch.patch'));
      },
      /plain-1\.1-1\.noarch\.rpm: .*No such file or directory.*: downloading the RPM/,
    ],
    [
      'the payload of the old RPM was changed',
      ({ local }) => {
        flip(join(local, 'packages/plain-1.0-1.noarch.rpm'));
      },
      /plain-1\.1-1\.noarch\.rpm: the old RPM is damaged: its payload differs from what the repository lists: downloading/,
    ],
  ])('downloads the RPM if %s', async (_title, damage, line) => {
    const paths = await prepare();
    damage(paths);
    const { exitCode, all } = await fetchTo(paths.local, paths.published);
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(line);
    expect(all).toContain('1 rebuilt from patches, 1 downloaded');
    expectCopy(paths.local, second);
  });

  it.each<[string, (paths: { local: string; published: string }) => void, RegExp]>([
    [
      'the metadata was tampered with',
      ({ published }) => {
        flip(join(published, 'repodata/repomd.xml'));
      },
      /repomd\.xml is not signed by the key/,
    ],
    [
      'the index was tampered with',
      ({ published }) => {
        const folder = join(published, 'repodata');
        for (const name of readdirSync(folder).filter((each) => each.includes('pinpack-patches')))
          flip(join(folder, name));
      },
      /pinpack-patches.* is not the file that the repository lists/,
    ],
    [
      'an RPM is missing',
      ({ published }) => {
        for (const folder of ['patches', 'packages']) rmSync(join(published, folder), { recursive: true });
      },
      /packages\/.*No such file or directory/,
    ],
  ])('leaves the old repository as it is if %s', async (_title, damage, line) => {
    const paths = await prepare();
    damage(paths);
    const { exitCode, all } = await fetchTo(paths.local, paths.published);
    expect([exitCode, all]).toEqual([1, expect.stringMatching(line)]);
    expect(all).not.toContain('Traceback');
    // Listed by its metadata, all of it there.
    const rest = readdirSync(join(paths.local, 'packages'));
    expect(rest).toEqual(['packed-1.0-1.noarch.rpm', 'plain-1.0-1.noarch.rpm']);
    const repomd = 'repodata/repomd.xml';
    expect(readFileSync(join(paths.local, repomd)).equals(readFileSync(join(first.folder, repomd)))).toBe(true);
  });

  it('refuses a publication that another key signed', async () => {
    const { local } = await prepare();
    const other = { keyFile: await writeKey(at, 'ed25519', '') };
    const foreign = await withSigner(other, (signer) => writeRelease('1.1', signer, { at }));
    const { exitCode, all } = await fetchTo(local, foreign.folder);
    expect([exitCode, all]).toEqual([1, expect.stringMatching(/repomd\.xml is not signed by the key/)]);
  });

  it.skipIf(NO_ZYPPER !== '')(
    `makes a repository from which zypper installs, upgrades and removes${NO_ZYPPER}`,
    async () => {
      const { local, published } = await prepare();
      const host = new DnfHost(at, undefined, { folder: ZYPPER_ROOT, dnf: 'dnf5' });
      const zypper = async (...words: string[]) => {
        host.serve(local);
        return host.run('zypper', '--non-interactive', '--gpg-auto-import-keys', ...words);
      };
      host.addZypperRepository();
      const installed = await zypper('install', 'plain', 'packed');
      expect(installed.exitCode, installed.output).toBe(0);
      expect((await fetchTo(local, published)).all).toContain('2 rebuilt from patches');
      await zypper('refresh');
      const upgraded = await zypper('update');
      expect(upgraded.exitCode, upgraded.output).toBe(0);
      expect((await host.run('rpm', '-q', 'plain', 'packed')).output).toBe('plain-1.1-1.noarch\npacked-1.1-1.noarch');
      expect(await host.run('rpm', '-Va')).toEqual({ exitCode: 0, output: '' });
      // Not both: zypper reports an error when the last package of a system is removed.
      const removed = await zypper('remove', 'plain');
      expect(removed.exitCode, removed.output).toBe(0);
      expect((await host.run('rpm', '-q', 'plain')).output).toBe('package plain is not installed');
    },
  );
});
