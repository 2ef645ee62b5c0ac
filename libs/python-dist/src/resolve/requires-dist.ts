// Reads the Requires-Dist lines and the licences of wheels. On many indexes METADATA is only available inside the wheel, which has to be downloaded, so they
// are kept in the user's cache.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import pLimit from 'p-limit';
import { z } from 'zod';
import { readIfExists } from '../files/optional-file.js';
import type { IndexClient } from '../index/index-client.js';
import type { WheelFile } from '../names/distribution-file.js';
import { parseJson } from '@pinpack/common/json';
import { parseMetadata, type Metadata } from '../wheel/metadata.js';
import { openWheel } from '../wheel/wheel.js';
import type { Chosen } from './chosen.js';

const DOWNLOADS_AT_ONCE = 8;
/** Part of the cache key: increment it when the cached data change. */
const FORMAT = 3;

export interface MetadataTools {
  index: IndexClient;
  /** The user's cache folder. */
  cache: string;
  /** Gets what each wheel declares about its licence. */
  onLicense?: (pin: { name: string; version: string }, license: LicenseFields) => void;
  /** Called for each wheel whose metadata were read. @param total - number of wheels */
  onMetadata?: (total: number) => void;
}

/** The fields of METADATA about the licence. */
export type LicenseFields = Pick<Metadata, 'licenseExpression' | 'license' | 'classifiers'>;

interface Known extends LicenseFields {
  requiresDist: readonly string[];
}

/**
 * Requires-Dist lines by PEP 503 name.
 *
 * @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*`, `DIST_METADATA_INVALID`
 */
export async function readRequiresDist(
  tools: MetadataTools,
  pins: readonly Chosen[],
): Promise<Record<string, string[]>> {
  const limit = pLimit(DOWNLOADS_AT_ONCE);
  const read = pins.map(({ name, version, wheel }) =>
    limit(async (): Promise<[string, string[]]> => {
      const { requiresDist, ...license } = await readOne(tools, name, wheel);
      tools.onLicense?.({ name, version }, license);
      tools.onMetadata?.(pins.length);
      return [name, [...requiresDist]];
    }),
  );
  return Object.fromEntries(await Promise.all(read));
}

async function readOne({ index, cache }: MetadataTools, name: string, wheel: Chosen['wheel']): Promise<Known> {
  const file = join(cache, 'requires-dist', `${cacheKey(wheel)}.json`);
  const known = parseCached((await readIfExists(file)) ?? '');
  if (known !== undefined) return known;
  const read = knownOf(await askIndex(index, name, wheel));
  await writeFileAtomically(file, [Buffer.from(formatCached(read))]);
  return read;
}

/** Includes the index, because an index may serve METADATA that differs from the wheel's. */
function cacheKey({ sha256, url }: Chosen['wheel']): string {
  return sha256Of(JSON.stringify([FORMAT, sha256, new URL(url).origin]));
}

const CACHED = z.object({ sha256: z.string(), text: z.string() });
const KNOWN = z.object({
  requiresDist: z.array(z.string()),
  licenseExpression: z.string().exactOptional(),
  license: z.string().exactOptional(),
  classifiers: z.array(z.string()),
});

function knownOf({ requiresDist, licenseExpression, license, classifiers }: Metadata): Known {
  return {
    requiresDist,
    ...(licenseExpression !== undefined && { licenseExpression }),
    ...(license !== undefined && { license }),
    classifiers: classifiers.filter((classifier) => classifier.startsWith('License :: ')),
  };
}

function formatCached(known: Known): string {
  const text = JSON.stringify(known);
  return JSON.stringify({ sha256: sha256Of(text), text });
}

/** Undefined if the file is damaged or missing. */
function parseCached(cached: string): Known | undefined {
  const { sha256, text = '' } = parseJson(cached, CACHED) ?? {};
  return sha256Of(text) === sha256 ? parseJson(text, KNOWN) : undefined;
}

async function askIndex(index: IndexClient, name: string, wheel: Chosen['wheel']): Promise<Metadata> {
  const offered = (await index.files(name)).find((candidate) => candidate.name === wheel.name);
  const text = offered === undefined ? undefined : await index.metadata(offered);
  if (text !== undefined) return parseMetadata(text, `${wheel.name}.metadata`);
  return readFromWheel(index, name, wheel);
}

async function readFromWheel(index: IndexClient, name: string, wheel: WheelFile): Promise<Metadata> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-wheel-'));
  try {
    const path = join(folder, wheel.name);
    await index.download(name, wheel, path);
    const opened = await openWheel(path, index.limits);
    opened.close();
    return opened.metadata;
  } finally {
    await rm(folder, { recursive: true });
  }
}
