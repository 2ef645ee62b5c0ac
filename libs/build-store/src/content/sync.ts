// Writes files and folders through to the disk (fsync), so that after a power failure no record exists without the content that it refers to.
import { open } from 'node:fs/promises';

/** Linux writes a file through also if it is only open for reading, and a folder's names if the folder is open. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
