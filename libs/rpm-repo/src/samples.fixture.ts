/** RPMs, deltas and keys for specs, made in code. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, type Compression, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { makeDelta } from './delta.js';
import { readPackageFile, signPackageFile, type PackageFile } from './package-file.js';
import { makePatch } from './patches/make-patch.js';
import { patchFileName, type PublishedPatch } from './patches/patch-index.js';
import { deltaFileName, type PublishedDelta } from './prestodelta.js';
import type { Signer } from './signer.js';

export const ZSTD: Compression = { kind: 'zstd', level: 3 };

export interface Sample {
  name: string;
  version: string;
  compression?: Compression;
  /** Decides the bulk of the content, which versions share. */
  seed?: string;
  /** More content, which compresses. */
  text?: string;
}

/** A folder below /opt with 300 kB that don't compress, and its version. Gives the path. */
export async function writeSample(
  folder: string,
  { name, version, compression = ZSTD, seed = name, text = '' }: Sample,
): Promise<string> {
  const spec: RpmSpec = {
    name,
    version,
    release: '1',
    architecture: 'noarch',
    summary: 'A sample',
    description: 'A sample.',
    license: 'MIT',
    buildTime: 1_700_000_000,
    buildHost: 'builder.example',
    scriptlets: {},
    changelog: [],
  };
  const file = (path: string, data: Buffer): RpmEntry => ({
    path: `/opt/${name}/${path}`,
    kind: 'file',
    mode: 0o644,
    size: data.length,
    read: () => ({ data }),
  });
  const entries: RpmEntry[] = [
    { path: `/opt/${name}`, kind: 'directory', mode: 0o755, size: 0 },
    file('bulk', noise(seed)),
    file('version', Buffer.from(`${version}\n`)),
    ...(text === '' ? [] : [file('text', Buffer.from(text))]),
  ];
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName(spec));
  writeFileSync(path, Buffer.concat(encodeRpm(spec, await packPayload(entries, compression)).chunks));
  return path;
}

function noise(seed: string): Buffer {
  const blocks = Array.from({ length: 10_000 }, (_, index) => createHash('sha256').update(`${seed} ${index}`).digest());
  return Buffer.concat(blocks);
}

/** In place. */
export async function signSample(path: string, { sign }: Pick<Signer, 'sign'>): Promise<PackageFile> {
  writeFileSync(path, Buffer.concat(await signPackageFile(path, sign)));
  return readPackageFile(path);
}

/** Makes a delta into `drpms` of a repository. */
export async function writeDelta(repository: string, oldRpm: string, newRpm: string): Promise<PublishedDelta> {
  const { evr: oldEvr } = await readPackageFile(oldRpm);
  const { name, architecture, evr: newEvr } = await readPackageFile(newRpm);
  const work = mkdtempSync(join(repository, '..', 'delta-'));
  const delta = await makeDelta({ oldRpm, newRpm, work, share: 0.8 });
  if ('refused' in delta) throw new TypeError(delta.refused);
  const identity = { name, architecture, oldEvr, newEvr };
  const file = `drpms/${deltaFileName(identity)}`;
  mkdirSync(join(repository, 'drpms'), { recursive: true });
  await execa('mv', [delta.path, join(repository, file)]);
  const { size, sha256, sequence } = delta;
  return { ...identity, file, size, sha256, sequence };
}

/** Makes a patch into `patches` of a repository. */
export async function writePatch(
  repository: string,
  newRpm: string,
  oldRpm?: string,
): Promise<PublishedPatch | undefined> {
  const { name, architecture, evr: newEvr, size: instead } = await readPackageFile(newRpm);
  const oldEvr = oldRpm === undefined ? undefined : (await readPackageFile(oldRpm)).evr;
  const file = `patches/${patchFileName({ name, architecture, newEvr, oldEvr })}`;
  mkdirSync(join(repository, 'patches'), { recursive: true });
  const patch = await makePatch({ oldRpm, newRpm, path: join(repository, file), instead, share: 0.8 });
  if ('refused' in patch) return undefined;
  const { rpm, unpacked, size, sha256, old } = patch;
  const origin = old && { old: { evr: oldEvr ?? '', ...old } };
  return { ...{ name, architecture, newEvr, rpm, unpacked, file, size, sha256 }, ...origin };
}

/** gpg with a home of its own. */
export class GpgHome {
  private constructor(readonly path: string) {}

  /** @param keyFile - a secret key without passphrase, which it imports */
  static async make(folder: string, keyFile?: string): Promise<GpgHome> {
    const home = new GpgHome(mkdtempSync(join(folder, 'home-')));
    if (keyFile !== undefined) await home.gpg(['--import', keyFile]);
    return home;
  }

  async gpg(args: readonly string[], input: Uint8Array = Buffer.of()): Promise<Buffer> {
    const words = ['--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', ''];
    const { stdout } = await execa('gpg', [...words, ...args], {
      ...{ env: { GNUPGHOME: this.path, LC_ALL: 'C.UTF-8' }, input, encoding: 'buffer', stripFinalNewline: false },
    });
    return Buffer.from(stdout);
  }

  /** Of all keys and subkeys, in hex. */
  async fingerprints(): Promise<string[]> {
    const listing = (await this.gpg(['--with-colons', '--list-keys'])).toString();
    return [...listing.matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, fingerprint = '']) => fingerprint);
  }

  /** @returns the path */
  async exportSecret(): Promise<string> {
    const path = join(this.path, 'secret.asc');
    writeFileSync(path, await this.gpg(['--armor', '--export-secret-keys']));
    return path;
  }

  async end(): Promise<void> {
    await execa('gpgconf', ['--kill', 'all'], { env: { GNUPGHOME: this.path } });
  }
}

interface KeyOptions {
  /** When it expires: `20240201T000000`. */
  expires?: string;
  /** Options of gpg for the export. */
  exporting?: readonly string[];
}

/** An armored secret key as a user has it in a file; with a passphrase unless it's empty. Gives its path. */
export async function writeKey(
  folder: string,
  kind: string,
  passphrase: string,
  { expires = 'never', exporting = [] }: KeyOptions = {},
): Promise<string> {
  const home = mkdtempSync(join(folder, 'home-'));
  const env = { GNUPGHOME: home };
  // Guessing is as cheap as it gets, or each use of the key takes seconds.
  writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n');
  const words = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', passphrase];
  const born = ['--faked-system-time', '20240101T000000!'];
  await execa(
    'gpg',
    [...words, ...born, '--quick-generate-key', 'Sample <sample@example.com>', kind, 'sign', expires],
    { env },
  );
  const { stdout } = await execa('gpg', [...words, ...exporting, '--armor', '--export-secret-keys'], { env });
  await execa('gpgconf', ['--kill', 'all'], { env });
  const path = join(home, 'secret.asc');
  writeFileSync(path, `${stdout}\n`);
  return path;
}

/** Changes one bit in the middle of a file. */
export function flip(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(file, bytes);
}
