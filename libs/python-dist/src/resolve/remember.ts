/** Caches facts about a file in the user's cache, by a key of everything that determines them. */
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import type { z } from 'zod';
import { readIfExists } from '../files/optional-file.js';
import { parseJson } from '@pinpack/common/json';

export interface CachedFacts<Facts> {
  /** The user's cache folder. */
  cache: string;
  /** Everything that determines the facts. */
  key: unknown;
  /** A file that it rejects is damaged or of another version: the facts are found again. */
  schema: z.ZodType<Facts>;
}

/** The facts, from the cache or else from `find`. They are kept as JSON. */
export async function remember<Facts>(
  { cache, key, schema }: CachedFacts<Facts>,
  find: () => Promise<Facts>,
): Promise<Facts> {
  const known = await recall({ cache, key, schema });
  if (known !== undefined) return known;
  const facts = await find();
  await writeFileAtomically(fileOf(cache, key), [Buffer.from(JSON.stringify(facts))]);
  return facts;
}

/** The facts, if they are in the cache. */
export async function recall<Facts>({ cache, key, schema }: CachedFacts<Facts>): Promise<Facts | undefined> {
  return parseJson((await readIfExists(fileOf(cache, key))) ?? '', schema);
}

function fileOf(cache: string, key: unknown): string {
  return join(cache, 'sdists', `${sha256Of(JSON.stringify(key))}.json`);
}
