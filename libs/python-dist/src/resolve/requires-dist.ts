// What wheels require, as their METADATA says. Many indexes offer METADATA only inside the wheel, and reading it there means a download: so what was read
// is kept in the user's folder for what can be made again.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { IndexClient } from '../index/index-client.js';
import type { WheelFile } from '../names/distribution-file.js';
import { parseMetadata } from '../wheel/metadata.js';
import { openWheel } from '../wheel/wheel.js';
import type { Chosen } from './chosen.js';

const DOWNLOADS_AT_ONCE = 8;
/** Part of the cache's key: raise it with what is kept. */
const FORMAT = 1;

export interface MetadataTools {
  index: IndexClient;
  /** The user's folder for what can be made again. */
  cache: string;
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
  const read = pins.map(({ name, wheel }) => limit(async () => [name, await readOne(tools, name, wheel)] as const));
  return Object.fromEntries(await Promise.all(read));
}

async function readOne({ index, cache }: MetadataTools, name: string, wheel: Chosen['wheel']): Promise<string[]> {
  const folder = join(cache, 'requires-dist');
  const file = join(folder, `${cacheKey(wheel)}.json`);
  const known = parseKept(await readFile(file, 'utf8').catch(() => ''));
  if (known !== undefined) return known;
  const lines = await askIndex(index, name, wheel);
  await mkdir(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, formatKept(lines));
  await rename(unfinished, file);
  return lines;
}

/** An index may offer METADATA beside the file that isn't the file's own: what one said counts for no other. */
function cacheKey({ sha256, url }: Chosen['wheel']): string {
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, sha256, new URL(url).origin]))
    .digest('hex');
}

function formatKept(lines: readonly string[]): string {
  const text = JSON.stringify(lines);
  return JSON.stringify({ sha256: createHash('sha256').update(text).digest('hex'), text });
}

/** Undefined where the file is damaged: then the index is asked again. */
function parseKept(kept: string): string[] | undefined {
  try {
    const { sha256, text } = JSON.parse(kept) as { sha256: string; text: string };
    return createHash('sha256').update(text).digest('hex') === sha256 ? (JSON.parse(text) as string[]) : undefined;
  } catch {
    return undefined;
  }
}

async function askIndex(index: IndexClient, name: string, wheel: Chosen['wheel']): Promise<string[]> {
  const offered = (await index.files(name)).find((candidate) => candidate.name === wheel.name);
  const text = offered === undefined ? undefined : await index.metadata(offered);
  if (text !== undefined) return [...parseMetadata(text, `${wheel.name}.metadata`).requiresDist];
  return readFromWheel(index, name, wheel);
}

async function readFromWheel(index: IndexClient, name: string, wheel: WheelFile): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-wheel-'));
  try {
    const path = join(folder, wheel.name);
    await index.download(name, wheel, path);
    const opened = await openWheel(path);
    opened.close();
    return [...opened.metadata.requiresDist];
  } finally {
    await rm(folder, { recursive: true });
  }
}
