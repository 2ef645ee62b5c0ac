// Outputs appear by rename, so that nothing half-written is ever seen under a final name, whatever kills the run.
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

const READABLE_BY_ALL = 0o644;

/** Writes the chunks to a file that appears whole, with mode 0644 under any umask. Its folder is made where it isn't there. */
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

/** Copies a file to a path where it appears whole, sharing blocks where the file system can. */
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

/** Lets `write` make the file under a temporary name beside the final one. */
export async function produceAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await write(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
