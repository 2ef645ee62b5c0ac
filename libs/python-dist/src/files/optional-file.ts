/** Files that may be missing. Only a missing file counts as absent: a permission error is an error. */
import { access, readFile, stat } from 'node:fs/promises';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';

const MAX_SMALL_BYTES = 16 * 1024 * 1024;

/** The text, or undefined if there is no such file. */
export async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(undefinedIfAbsent);
}

/** As `readIfExists`, for a file of a source that nobody has checked. A folder of that name counts as absent. @throws RangeError above 16 MiB */
export async function readSmallFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(undefinedIfAbsent);
  if (found?.isFile() !== true) return undefined;
  if (found.size > MAX_SMALL_BYTES)
    throw new RangeError(`has ${found.size} bytes, expected at most ${MAX_SMALL_BYTES}`);
  return readFile(path, 'utf8');
}

export async function exists(path: string): Promise<boolean> {
  return (await access(path).then(() => true, undefinedIfAbsent)) ?? false;
}
