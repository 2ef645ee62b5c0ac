// Keeps in the user's cache what was found out about a file, by a key of what it was found out from.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** @param key - everything that the facts hang on; they are kept as JSON */
export async function remember<Facts>(cache: string, key: unknown, find: () => Promise<Facts>): Promise<Facts> {
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex');
  const file = join(cache, 'sdists', `${digest}.json`);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as Facts;
  const facts = await find();
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify(facts));
  await rename(unfinished, file);
  return facts;
}
