/** uv's cache in specs whose index gives other answers each time. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** uv caches answers by URL, and another server may get the same port. What it knows of the Pythons here stays: to ask them takes as long as a lock. */
export function emptyUvCache(folder: string): void {
  const answers = readdirSync(folder).filter((name) => !name.startsWith('interpreter-'));
  for (const name of answers) rmSync(join(folder, name), { recursive: true });
}
