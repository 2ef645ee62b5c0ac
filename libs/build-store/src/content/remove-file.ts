// Removes temporary and damaged files.
import { unlink } from 'node:fs/promises';

/** If this fails, nothing reads the file, and the next clean-up of the folder removes it. */
export async function removeFile(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}
