// Lists a folder with its subfolders. Node's own recursive list follows links to folders, and a few links to a parent make it endless.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** All entries below a folder. Links are listed, not followed. */
export async function walkFolder(folder: string): Promise<Dirent[]> {
  const found: Dirent[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      found.push(entry);
      if (entry.isDirectory()) waiting.push(join(next, entry.name));
    }
  }
  return found;
}
