/**
 * Real wheels in the eyes of the real dnf: upgrades numpy and scipy by patches, and with a fault each. PINPACK_TEST_UPGRADES names the folder `made` of
 * tools/upgrades/upgrades.mjs --folder …, which packs the RPMs.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { encodeRpm, fileName, packPayload, type Relation } from '@pinpack/rpm-gen';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { DnfHost, HOST_PROGRAMS, type HostSystem } from '../dnf-host.fixture.js';
import { writeMetadata } from '../metadata.js';
import { flip, signSample, writeKey, writePatch } from '../samples.fixture.js';
import { withSigner, type Signer } from '../signer.js';

const MADE = process.env.PINPACK_TEST_UPGRADES ?? '';
const DNF5_ROOT = process.env.PINPACK_TEST_DNF5_ROOT ?? '';
const MINUTES = 60_000;
const NAMES = ['numpy-wheel-numpy', 'scipy-wheel-scipy'];
const SYSTEMS: [string, HostSystem][] = [
  ['dnf 4', { folder: '', dnf: 'dnf' }],
  ...(DNF5_ROOT === '' ? [] : [['dnf 5', { folder: DNF5_ROOT, dnf: 'dnf5' }] as [string, HostSystem]]),
];
const at = temporaryFolder();

/** The RPMs of one state, and one that provides what the system of a real server has. */
async function writeRepository(state: 'old' | 'new', signer: Signer, previous?: string): Promise<string> {
  const folder = join(at, state, 'repository');
  mkdirSync(join(folder, 'packages'), { recursive: true });
  for (const set of ['numpy', 'scipy'])
    for (const file of rpmsOf(set, state)) copyFileSync(file, join(folder, 'packages', basename(file)));
  await writeSystem(join(folder, 'packages'));
  const [described, patches] = [[], []] as [object[], object[]];
  for (const file of readdirSync(join(folder, 'packages'))) {
    const path = join(folder, 'packages', file);
    const { name, evr, architecture, size, sha256 } = await signSample(path, signer);
    described.push({ name, evr, architecture, file: `packages/${file}`, size, sha256 });
    const old =
      previous === undefined
        ? undefined
        : readdirSync(join(previous, 'packages')).find((each) => each.startsWith(`${name}-`));
    if (previous === undefined || old === undefined || old === file) continue;
    const patch = await writePatch(folder, path, join(previous, 'packages', old));
    if (patch !== undefined) patches.push(patch);
  }
  writeFileSync(join(folder, 'RPM-GPG-KEY-pinpack'), signer.publicKey);
  await writeMetadata(folder, {
    ...{
      revision: 1_700_000_000,
      label: 'real',
      vendor: 'us',
      packages: described as never,
      deltas: [],
      advisories: [],
    },
    ...{ patches: patches as never, signer, workers: 2 },
  });
  return folder;
}

function rpmsOf(set: string, state: string): string[] {
  const folder = join(MADE, set, `patches-${state}/rpms`);
  return readdirSync(folder)
    .filter((file) => file.startsWith('numpy-wheel-numpy') || /^scipy-wheel-(?:scipy|numpy)-/.test(file))
    .map((file) => join(folder, file));
}

async function writeSystem(folder: string): Promise<void> {
  const rpms = readdirSync(folder).map((file) => join(folder, file));
  const { stdout } = await execa('rpm', ['-qp', '--requires', ...rpms]);
  const provides = [...new Set(stdout.split('\n'))]
    .filter((line) => line !== '' && !/^(?:rpmlib|numpy-|scipy-)/.test(line))
    .map((line): Relation => {
      const [name = '', sense, version] = line.split(' ');
      return version === undefined ? { name } : { name, sense: '=', version: sense === '<' ? '0' : version };
    });
  const spec = {
    ...{ name: 'system', version: '1', release: '1', architecture: 'noarch', summary: 'A system', description: 'A.' },
    ...{ license: 'MIT', buildTime: 1, buildHost: 'builder.example', scriptlets: {}, changelog: [], provides },
  };
  const { chunks } = encodeRpm(spec as never, await packPayload([], { kind: 'none' }));
  writeFileSync(join(folder, fileName(spec as never)), Buffer.concat(chunks));
}

describeWith({ programs: HOST_PROGRAMS, root: true }, 'real wheels', () => {
  if (!existsSync(MADE)) {
    it.skip('need PINPACK_TEST_UPGRADES, RPMs that tools/nightly.sh makes: tools/upgrades/upgrades.mjs --rpms');
    return;
  }
  let [first, second] = ['', ''];
  beforeAll(async () => {
    await withSigner({ keyFile: await writeKey(at, 'rsa3072', '') }, async (signer) => {
      first = await writeRepository('old', signer);
      second = await writeRepository('new', signer, first);
    });
  }, 20 * MINUTES);

  describe.each(SYSTEMS)('with %s', (_title, system) => {
    let installed: DnfHost;
    beforeAll(async () => {
      installed = new DnfHost(at, undefined, system);
      installed.serve(first);
      const { exitCode, output } = await installed.dnf('install', ...NAMES);
      expect(exitCode, output).toBe(0);
    }, 10 * MINUTES);

    it.each<[string, (host: DnfHost) => void, RegExp, number]>([
      ['by patches', () => undefined, /rebuilt 2 of 2 RPMs/, 3e6],
      [
        'with the RPM of numpy, of which a file was changed',
        (host) => {
          flip(host.own('/usr/lib/pinpack/numpy/numpy/numpy/__init__.py'));
        },
        /numpy-wheel-numpy: installed files of the package were changed: rpm -V shows which: downloading the RPM/,
        61e6,
      ],
      [
        'with the RPM of scipy, of which the patch was tampered with',
        (host) => {
          flip(host.path('patches/scipy-wheel-scipy-1.17.0-1_1.17.1-1.x86_64.patch'));
        },
        /scipy-wheel-scipy: .*: downloading the RPM/,
        118e6,
      ],
    ])('are upgraded %s', { timeout: 10 * MINUTES }, async (_case, damage, line, most) => {
      const host = new DnfHost(at, installed);
      host.addPlugin();
      host.serve(second);
      damage(host);
      const start = performance.now();
      const { exitCode, output, bytes } = await host.dnf('upgrade', ...NAMES);
      console.log(`${system.dnf}: ${bytes} bytes, ${((performance.now() - start) / 1000).toFixed(1)} s`);
      expect(exitCode, output).toBe(0);
      expect(output).toMatch(line);
      expect(bytes).toBeLessThan(most);
      const versions = 'numpy-wheel-numpy-2.4.6-1.x86_64\nscipy-wheel-scipy-1.17.1-1.x86_64';
      expect((await host.run('rpm', '-q', ...NAMES)).output).toBe(versions);
      expect(await host.run('rpm', '-V', '--noscripts', '--nodeps', ...NAMES)).toEqual({ exitCode: 0, output: '' });
    });
  });
});
