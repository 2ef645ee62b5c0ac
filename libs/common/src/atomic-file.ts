// Writes files under a temporary name and renames them, so that a killed run never leaves a partial file under the final name.
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

const READABLE_BY_ALL = 0o644;

/** Writes the chunks to a file that appears at once, with mode 0644 under any umask. Creates the folder if it is missing. */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await produceAtomically(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await file.chmod(READABLE_BY_ALL);
    } finally {
      await file.close();
    }
  });
}

/** Copies a file to a path where it appears at once. Blocks are shared if the file system supports it. */
export async function copyFileAtomically(source: string, path: string): Promise<void> {
  await produceAtomically(path, async (temporary) => {
    await copyFile(source, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const file = await open(temporary, 'r+').catch(() => open(temporary, 'r'));
    try {
      await file.chmod(READABLE_BY_ALL);
    } finally {
      await file.close();
    }
  });
}

/** Calls `write` with a temporary path beside the final one, then renames. */
export async function produceAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    throw withPath(error, path, temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Errors of writing to an open file name no path, and those of the temporary file name one that is gone when the message is read. */
function withPath(error: unknown, path: string, temporary: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const { path: named, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (dest === temporary) return Object.assign(error, { dest: path });
  return named === undefined || named === temporary ? Object.assign(error, { path }) : error;
}
