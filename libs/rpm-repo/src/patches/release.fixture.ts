/** Signed repositories with patches for specs, made in code. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeMetadata } from '../metadata.js';
import { signSample, writePatch, writeSample, type Sample } from '../samples.fixture.js';
import type { Signer } from '../signer.js';
import type { PublishedPatch } from './patch-index.js';

const TEXT = 'The same line, many times.\n'.repeat(10_000);
const COMPRESSIONS = { plain: { kind: 'none' }, packed: { kind: 'xz', level: 2 } } as const;

export interface Release {
  folder: string;
  packages: { name: string; path: string }[];
}

export type Change = (patches: PublishedPatch[]) => PublishedPatch[];

interface ReleaseOptions {
  /** Where the folder goes. */
  at: string;
  /** Those that get patches. */
  previous?: readonly Release[];
  change?: Change;
}

/** The packages `plain` and `packed`, with a key. */
export async function writeRelease(
  version: string,
  signer: Signer,
  { at, previous = [], change = (patches) => patches }: ReleaseOptions,
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
    const old = previous.flatMap((release) => release.packages.filter((each) => each.name === name));
    for (const from of [undefined, ...old.map((each) => each.path)]) {
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
