/**
 * Patches in the eyes of the real dnf: what it downloads with the plugin, and what it does when something is wrong. dnf 5 runs in a root that
 * PINPACK_TEST_DNF5_ROOT names: `sid` of tools/fleets/make-roots.sh.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { DnfHost, HOST_PROGRAMS, type HostSystem } from '../dnf-host.fixture.js';
import { flip, writeKey } from '../samples.fixture.js';
import { withSigner, type KeySource } from '../signer.js';
import type { PublishedPatch } from './patch-index.js';
import { writeRelease, type Change, type Release } from './release.fixture.js';

const at = temporaryFolder();
const NAMES = ['plain', 'packed'];
const PATCHES = ['/patches/packed-1.0-1_1.1-1.noarch.patch', '/patches/plain-1.0-1_1.1-1.noarch.patch'];

const DNF5_ROOT = process.env.PINPACK_TEST_DNF5_ROOT ?? '';
const SYSTEMS: [string, HostSystem][] = [
  ['dnf 4', { folder: '', dnf: 'dnf' }],
  ['dnf 5', { folder: DNF5_ROOT, dnf: 'dnf5' }],
];
/** Kills the program that started this one, and with dnf 5, which starts it by a program of ours, dnf itself. */
const KILL_DNF = `import os, signal
parent = os.getppid()
with open("/proc/{}/stat".format(parent)) as file:
    grandparent = int(file.read().rsplit(")", 1)[1].split()[1])
with open("/proc/{}/comm".format(grandparent)) as file:
    if file.read().startswith("dnf5"):
        os.kill(grandparent, signal.SIGKILL)
os.kill(parent, signal.SIGKILL)
`;

describeWith({ programs: HOST_PROGRAMS, root: true }, 'a repository with patches', () => {
  let source: KeySource;
  let first: Release;
  let second: Release;
  beforeAll(async () => {
    source = { keyFile: await writeKey(at, 'rsa3072', '') };
    await withSigner(source, async (signer) => {
      first = await writeRelease('1.0', signer, { at });
      second = await writeRelease('1.1', signer, { at, previous: [first] });
    });
  });

  describe.each(SYSTEMS)('and %s', (_title, system) => {
    if (system.dnf === 'dnf5' && DNF5_ROOT === '') {
      it.skip('needs PINPACK_TEST_DNF5_ROOT, a root with dnf 5, which tools/nightly.sh makes');
      return;
    }
    let installed: DnfHost;
    beforeAll(async () => {
      installed = new DnfHost(at, undefined, system);
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

    it('skips a version by one patch', async () => {
      const third = await withSigner(source, (signer) =>
        writeRelease('1.2', signer, { at, previous: [first, second] }),
      );
      const one = host(third);
      const { exitCode, output, asked } = await one.dnf('upgrade');
      expect(exitCode, output).toBe(0);
      expect(asked.filter((path) => /^.(?:packages|patches)./.test(path)).sort()).toEqual(
        NAMES.map((name) => `/patches/${name}-1.0-1_1.2-1.noarch.patch`).sort(),
      );
      await expectVersion(one, '1.2');
    });

    it('downloads patches from the mirrors of the repository', async () => {
      const one = host();
      writeFileSync(one.path('mirrorlist'), 'http://127.0.0.1:8000/\n');
      const mirrors = ['baseurl=', 'mirrorlist=http://127.0.0.1:8000/mirrorlist'];
      const { exitCode, output, asked } = await one.dnf(
        'upgrade',
        ...mirrors.map((option) => `--setopt=under-test.${option}`),
      );
      expect(exitCode, output).toBe(0);
      expect(asked.filter((path) => /^.(?:packages|patches)./.test(path)).sort()).toEqual(PATCHES);
      await expectVersion(one, '1.1');
    });

    it('installs from a patch against nothing, where that is smaller', async () => {
      const one = new DnfHost(at, undefined, system);
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
      expect(asked.filter((path) => path.startsWith('/patches'))).toEqual([]);
      await expectVersion(one, '1.1');
    });

    it('downloads the RPM if a patch was tampered with, and the patch once', async () => {
      const one = host();
      flip(one.path('patches/plain-1.0-1_1.1-1.noarch.patch'));
      const { exitCode, output, asked } = await one.dnf('upgrade');
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(
        /pinpack: plain: .* is not the (?:one|file) that the repository lists: downloading the RPM/,
      );
      const files = asked.filter((path) => /^.(?:packages|patches)./.test(path)).sort();
      expect(files).toEqual(['/packages/plain-1.1-1.noarch.rpm', ...PATCHES]);
      await expectVersion(one, '1.1');
    });

    it.each<[string, (one: DnfHost) => void, RegExp]>([
      [
        'a patch is missing',
        (one) => {
          rmSync(one.path('patches/plain-1.0-1_1.1-1.noarch.patch'));
        },
        /could not be downloaded|patches\/plain.*: HTTP 404/,
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

    it.each<[string, (one: PublishedPatch, other: PublishedPatch) => boolean]>([
      ['package', (one, other) => other.name !== one.name],
      ['version', (one, other) => other.name === one.name && other.old?.header !== one.old?.header],
    ])('downloads the RPM if the index lists the patch of another %s', async (_other, isOther) => {
      const swap: Change = (patches) =>
        patches.map((patch) => {
          const { file, size, sha256 } = patches.find((each) => each.old && isOther(patch, each)) ?? patch;
          return patch.old === undefined ? patch : { ...patch, file, size, sha256 };
        });
      const swapped = await withSigner(source, (signer) =>
        writeRelease('1.2', signer, { at, previous: [first, second], change: swap }),
      );
      const one = host(swapped);
      const { exitCode, output, asked } = await one.dnf('upgrade');
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(
        /pinpack: plain: the (?:patch is for another package than the installed one|patch is damaged: .*|rebuilt RPM is not the one that the repository lists): downloading the RPM/,
      );
      expect(asked).toContain('/packages/plain-1.2-1.noarch.rpm');
      await expectVersion(one, '1.2');
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
      writeFileSync(program, KILL_DNF);
      const killed = await one.dnf('upgrade');
      expect(killed.exitCode).not.toBe(0);
      await expectVersion(one, '1.0');
      writeFileSync(program, original);
      const { exitCode, output } = await one.dnf('upgrade');
      expect(exitCode, output).toBe(0);
      expect(output).toContain('pinpack: rebuilt 2 of 2 RPMs');
      expect((await one.run('find', '/var/cache', '-name', '.pinpack-*')).output).toBe('');
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
});
