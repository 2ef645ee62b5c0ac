/** Files that may be missing. Only a missing file counts as absent: a permission error is an error. */
import { access, readFile } from 'node:fs/promises';

/** The text, or undefined if there is no such file. */
export async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(undefinedIfMissing);
}

export async function exists(path: string): Promise<boolean> {
  return (await access(path).then(() => true, undefinedIfMissing)) ?? false;
}

/** For `catch`: undefined for a missing file, or rethrows the error. A parent that is not a folder (HOME=/dev/null) is a missing file too. */
export function undefinedIfMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
