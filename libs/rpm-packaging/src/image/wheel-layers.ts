// The layers of wheel RPMs, kept in dist/layers by the digests of the RPMs: the same RPM is the same layer in every image, and is made once.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of, sha256OfFile } from '@pinpack/common/digest';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { makeLayer, type Layer, type LayerCompression, type LayerEntry } from '@pinpack/oci-image';
import { pruneOthers } from '@pinpack/common/prune-others';
import type { LayerGroup } from './plan-layers.js';
import { readWheelEntries, type RpmFacts } from './rpm-entries.js';

/** A layer in a file. */
export interface KeptLayer extends Layer {
  path: string;
  /** It was kept from an earlier run. */
  isKept: boolean;
}

export interface LayerOptions {
  /** Absolute. */
  folder: string;
  /** Digest of the code that determines the bytes. */
  code: string;
  compression: LayerCompression;
}

const ENDINGS = { gzip: 'tar.gz', zstd: 'tar.zst' } as const;

/** @param prefix - of a group's name: groups are of one application */
export async function wheelLayer(
  request: LayerOptions,
  group: LayerGroup<RpmFacts>,
  prefix: string,
): Promise<KeptLayer> {
  const { folder, code, compression } = request;
  const { members } = group;
  const ending = ENDINGS[compression];
  const name = members.length === 1 ? group.name : `${prefix}-${group.name}`;
  const file = `${name}.${keyOf(code, members)}.${ending}`;
  const path = join(folder, file);
  const kept = await readKept(path);
  const facts = kept ?? (await keep(path, await entriesOf(members), compression));
  if (kept === undefined) await prune(folder, { name, ending, file });
  const createdBy = `pinpack: ${members.map(({ path: rpm }) => rpm.slice(rpm.lastIndexOf('/') + 1)).join(' ')}`;
  return { ...facts, createdBy, path, isKept: kept !== undefined };
}

export function openKept({ path }: KeptLayer): Promise<ReturnType<typeof createReadStream>> {
  return Promise.resolve(createReadStream(path));
}

const DIGEST = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const LAYER_FACTS = z.object({
  descriptor: z.object({ mediaType: z.string(), digest: DIGEST, size: z.int().min(0) }),
  diffId: DIGEST,
});

type LayerFacts = z.output<typeof LAYER_FACTS>;

/** Undefined if there is none, or if it does not match its digest. */
async function readKept(path: string): Promise<LayerFacts | undefined> {
  try {
    const facts = parseJson(await readFile(`${path}.json`, 'utf8'), LAYER_FACTS);
    if (facts === undefined) return undefined;
    const { digest, size } = facts.descriptor;
    const isIntact = (await stat(path)).size === size && digest === `sha256:${await sha256OfFile(path)}`;
    return isIntact ? facts : undefined;
  } catch {
    return undefined;
  }
}

/** Removes layers of other versions of the RPM. */
async function prune(
  folder: string,
  { name, ending, file }: Record<'name' | 'ending' | 'file', string>,
): Promise<void> {
  for (const suffix of ['', '.json']) {
    const pattern = new RegExp(`^${escape(name)}\\.[0-9a-f]{64}\\.${escape(ending + suffix)}$`);
    await pruneOthers(folder, `${file}${suffix}`, pattern);
  }
}

/** Writes a layer and its descriptor. */
export async function keep(
  path: string,
  entries: readonly LayerEntry[],
  compression: LayerCompression,
): Promise<LayerFacts> {
  const { chunks, descriptor, diffId } = await makeLayer(entries, compression);
  await writeFileAtomically(path, chunks);
  await writeFileAtomically(`${path}.json`, [Buffer.from(JSON.stringify({ descriptor, diffId }))]);
  return { descriptor, diffId };
}

async function entriesOf(members: readonly RpmFacts[]): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  for (const member of members) entries.push(...(await readWheelEntries(member)));
  return entries;
}

function keyOf(code: string, members: readonly RpmFacts[]): string {
  return sha256Of(JSON.stringify([code, members.map(({ sha256 }) => sha256)]));
}

function escape(text: string): string {
  return text.replaceAll(/[.+]/g, '\\$&');
}
