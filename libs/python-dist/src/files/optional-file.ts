/** Files that may be missing. Only a missing file counts as absent: a permission error is an error. */
import { access, readFile } from 'node:fs/promises';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';

/** The text, or undefined if there is no such file. */
export async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(undefinedIfAbsent);
}

export async function exists(path: string): Promise<boolean> {
  return (await access(path).then(() => true, undefinedIfAbsent)) ?? false;
}
