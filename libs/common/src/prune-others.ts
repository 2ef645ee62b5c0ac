// Removes outputs of earlier versions, which would otherwise end up in a repository.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the files of a folder that match the pattern, apart from the one to keep. */
export async function pruneOthers(folder: string, keep: string, pattern: RegExp): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name !== keep && pattern.test(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}
