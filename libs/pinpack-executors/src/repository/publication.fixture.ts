/** Makes a set with RPMs, a publication in a folder, and the tools to publish to it, for specs. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPublications, publishedFile, type Publications } from '@pinpack/publication';
import { withSigner, type Signer } from '@pinpack/rpm-repo';
import { temporaryFolder } from '@pinpack/testing';
import { execa } from 'execa';
import { openStore, type Store } from '@pinpack/build-store';
import {
  DEFAULT_MTIME,
  encodeRpm,
  fileName,
  packPayload,
  type Compression,
  type Relation,
  type RpmEntry,
} from '@pinpack/rpm-gen';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { readPublishSettings } from '../workspace/publish-settings.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { RUNTIME, WHEELHOUSE } from '@pinpack/rpm-packaging';
import { writeWorkspace } from '../workspace/workspace.fixture.js';
import type { PublishTools } from './publish-tools.js';

export const SET = 'demo';

export interface SampleRpm {
  name: string;
  version: string;
  requires?: Relation[];
  /** Determines the bulk of the content, which versions share. */
  seed?: string;
  compression?: Compression;
}

/** Writes an RPM with 100 kB of incompressible content and a file with the version. */
export async function writeRpm(
  folder: string,
  { name, version, requires = [], seed = name, compression = { kind: 'zstd', level: 3 } }: SampleRpm,
): Promise<void> {
  const spec = {
    ...{ name, version, requires, release: '1', architecture: 'noarch' as const, license: 'MIT' },
    ...{ summary: 'A sample', description: 'A sample.', buildTime: DEFAULT_MTIME, buildHost: 'pinpack' },
    ...{ scriptlets: {}, changelog: [] },
  };
  const noise = Array.from({ length: 3_000 }, (_, index) => createHash('sha256').update(`${seed} ${index}`).digest());
  const file = (path: string, data: Buffer): RpmEntry => {
    return { path: `/usr/lib/${name}/${path}`, kind: 'file', mode: 0o644, size: data.length, read: () => ({ data }) };
  };
  const entries = [file('bulk', Buffer.concat(noise)), file('version', Buffer.from(version))];
  const { chunks } = encodeRpm(spec, await packPayload(entries, compression));
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder).filter((each) => each.startsWith(`${name}-`))) rmSync(join(folder, old));
  const bytes = Buffer.concat(chunks);
  writeFileSync(join(folder, fileName(spec)), bytes);
  // Beside dist/rpms, in the folder of the same set.
  const digests = folder.replace('/dist/rpms', '/dist/digests');
  mkdirSync(digests, { recursive: true });
  const digest = { format: 1, file: fileName(spec), sha256: createHash('sha256').update(bytes).digest('hex') };
  writeFileSync(join(digests, `${name}.json`), JSON.stringify(digest));
}

export class SamplePublication {
  private constructor(
    readonly root: string,
    readonly publication: Publications,
    readonly store: Store,
  ) {}

  /** A workspace with these pins, their RPMs and pinpack's own RPMs. */
  static async make(pins: Record<string, string>, like?: SamplePublication): Promise<SamplePublication> {
    const packages = Object.entries(pins).map(([name, version]) => {
      const wheel = { name: `${name}-${version}-py3-none-any.whl`, size: 1, sha256: '0'.repeat(64) };
      return samplePackage({ name, version, source: { kind: 'wheel', wheel } });
    });
    const root = await writeWorkspace(SET, packages);
    for (const name of [RUNTIME, WHEELHOUSE]) await writeRpm(join(root, 'dist/rpms'), { name, version: '0.1.0' });
    for (const [name, version] of Object.entries(pins))
      await writeRpm(join(root, reqsetPaths(SET).rpms), wheelRpm(name, version));
    if (like !== undefined) return new SamplePublication(root, like.publication, like.store);
    const publication = await openPublications(`file://${root}/published`, { environment: {} });
    const store = await openStore({ url: `file://${root}/store`, mode: 'read-write', environment: {} });
    if (store === undefined) throw new TypeError('no store');
    return new SamplePublication(root, publication, store);
  }

  tools(options: PluginOptions['publish'] = {}, more: Partial<PublishTools> = {}): PublishTools {
    const settings = readPublishSettings({ publish: options }, {});
    return { settings, publication: this.publication, signer: undefined, ...more };
  }

  /** Publishes the output of `repo`. */
  async publish(now: string): Promise<void> {
    const folder = join(this.root, `dist/repo/${SET}`);
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = entries.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
    const files = await Promise.all(paths.map((path) => publishedFile(path, join(folder, path))));
    await this.publication.publish({ label: SET, files, url: 'https://rpms.example.com', now: new Date(now) });
  }
}

export function wheelRpm(name: string, version: string, seed?: string): SampleRpm {
  return { name: `${SET}-wheel-${name}`, version, ...(seed !== undefined && { seed }) };
}

/** A signer with a key of its own, and the number of RPMs that it signed. */
export async function countingSigner(): Promise<{ signer: Signer; count: { signatures: number } }> {
  const home = temporaryFolder();
  const gpg = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await execa('gpg', [...gpg, '--quick-generate-key', 'us', 'ed25519', 'sign', 'never']);
  const { stdout } = await execa('gpg', [...gpg, '--armor', '--export-secret-keys']);
  await execa('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
  const keyFile = join(home, 'secret.asc');
  writeFileSync(keyFile, stdout);
  const count = { signatures: 0 };
  return withSigner({ keyFile }, (signer) => {
    const sign = (data: Uint8Array) => {
      count.signatures++;
      return signer.sign(data);
    };
    return Promise.resolve({ signer: { ...signer, sign }, count });
  });
}
