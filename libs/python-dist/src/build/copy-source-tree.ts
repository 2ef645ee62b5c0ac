// Copies a source tree of the workspace for a build, so that the build does not change the original.
import { chmod, cp, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { walkFolder } from '@pinpack/common/walk-folder';

const LEFTOVERS = new Set(['build', 'dist', '__pycache__', '.git', '.nx', '.venv', 'node_modules']);

/** Modes become 0644 or 0755, the ones that git records, so that the umask does not affect the build. */
export async function copySourceTree(source: string, copy: string): Promise<void> {
  const filter = (path: string): boolean => !LEFTOVERS.has(basename(path)) && !path.endsWith('.egg-info');
  await cp(source, copy, { recursive: true, filter: (path) => path === source || filter(path) });
  await chmod(copy, 0o755);
  for (const entry of await walkFolder(copy)) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
