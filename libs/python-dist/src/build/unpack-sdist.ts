// Unpacks an sdist (PEP 625: a .tar.gz with one folder `<name>-<version>`; older ones may be a .zip). Rejects entries that would be written outside of
// the target folder, links that lead out of it (PEP 706), and archives that are too large.
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DistError, distError } from '../dist-error.js';
import { walkFolder } from '@pinpack/common/walk-folder';
import type { SdistLimits } from './sdist-budget.js';
import { unreadable } from './sdist-errors.js';
import { unpackTar } from './unpack-tar.js';
import { unpackZip } from './unpack-zip.js';

/**
 * @param archive - its file name decides the format
 * @param folder - must not exist; becomes the source tree, with modes 0644 and 0755
 * @throws DistError `DIST_SOURCE_SDIST_UNSAFE`, `DIST_SOURCE_SDIST_TOO_LARGE`, `DIST_SOURCE_SDIST_UNREADABLE`
 */
export async function unpackSdist(archive: string, folder: string, limits: SdistLimits): Promise<void> {
  const name = basename(archive);
  await mkdir(dirname(folder), { recursive: true });
  const whole = await mkdtemp(`${folder}-`);
  try {
    if (name.endsWith('.zip')) await unpackZip(archive, whole, limits);
    else await unpackTar(archive, whole, limits);
    const inside = await readdir(whole);
    const [only] = inside;
    if (only === undefined || inside.length !== 1 || !(await lstat(join(whole, only))).isDirectory()) {
      throw distError(name, 'DIST_SOURCE_SDIST_UNREADABLE', [
        `has ${inside.length} entries at the top level, expected one folder`,
        'The file is not an sdist. Pin another version, or use a wheel.',
      ]);
    }
    await normalizeModes(join(whole, only));
    await rename(join(whole, only), folder);
  } catch (error) {
    throw error instanceof DistError ? error : unreadable(name, error);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
}

/** Sets modes that depend neither on the umask nor on the archive. */
async function normalizeModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await walkFolder(folder)) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
