// Unpacks an sdist (PEP 625: a .tar.gz with one folder `<name>-<version>`; older ones may be a .zip) and rejects entries that would be written outside of the target folder.
import { chmod, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { distError, issue, throwIssues, type DistIssue } from '../dist-error.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { unpackZip } from './unpack-zip.js';

/**
 * @param archive - its file name decides the format
 * @param folder - must not exist; becomes the source tree, with modes 0644 and 0755
 * @throws DistError `DIST_SOURCE_SDIST_UNSAFE` with every unsafe entry, `DIST_SOURCE_SDIST_UNREADABLE`
 */
export async function unpackSdist(archive: string, folder: string): Promise<void> {
  const name = basename(archive);
  await mkdir(dirname(folder), { recursive: true });
  const whole = await mkdtemp(`${folder}-`);
  try {
    if (name.endsWith('.zip')) await unpackZip(archive, whole);
    else await unpackTar(archive, whole);
    const inside = await readdir(whole);
    const [only] = inside;
    if (only === undefined || inside.length !== 1) {
      throw distError(name, 'DIST_SOURCE_SDIST_UNREADABLE', [
        `has ${inside.length} entries at the top level, expected one folder`,
        'The file is not an sdist. Pin another version, or use a wheel.',
      ]);
    }
    await normalizeModes(whole, join(whole, only), name);
    await rename(join(whole, only), folder);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
}

async function unpackTar(archive: string, folder: string): Promise<void> {
  // Imported lazily: every nx command loads this package, and few commands unpack anything.
  const { extract, list } = await import('tar');
  const name = basename(archive);
  const issues: DistIssue[] = [];
  try {
    await list({ file: archive, strict: true, onReadEntry: (entry) => issues.push(...entryIssues(entry)) });
    throwIssues(name, issues);
    await extract({ file: archive, cwd: folder, strict: true, preserveOwner: false, noMtime: true });
  } catch (cause) {
    if (issues.length > 0) throw cause;
    throw unreadable(name, cause);
  }
}

interface TarEntry {
  path: string;
  type: string;
  linkpath?: string;
}

/** Rejects what Python's `tarfile.data_filter` rejects (PEP 706). */
function entryIssues({ path, type, linkpath = '' }: TarEntry): DistIssue[] {
  if (isOutside(path)) return [unsafe(`${path} leads out of the source tree`)];
  switch (type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
    case 'Directory':
    case 'GNUDumpDir':
      return [];
    case 'SymbolicLink':
      return isOutside(linkpath) || isOutside(join(dirname(path), linkpath))
        ? [unsafe(`${path} is a link to ${linkpath}, out of the source tree`)]
        : [];
    case 'Link':
      return isOutside(linkpath) ? [unsafe(`${path} is a link to ${linkpath}, out of the source tree`)] : [];
    default:
      return [unsafe(`${path} is a ${type}, expected files, folders and links`)];
  }
}

/** Whether a path of an archive leaves the folder that it is unpacked in. */
export function isOutside(path: string): boolean {
  const normal = join(path);
  return path.startsWith('/') || /^[A-Za-z]:|\\|\0/.test(path) || normal === '..' || normal.startsWith('../');
}

/** Sets modes that depend neither on the umask nor on the archive, and finds links that leave the tree through other links. */
async function normalizeModes(top: string, folder: string, name: string): Promise<void> {
  const root = await realpath(top);
  // A link to a missing file, or in a loop, leads nowhere: it is harmless.
  const rootIfBroken = (error: unknown): string => {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') undefinedIfAbsent(error);
    return root;
  };
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
    else if (entry.isSymbolicLink()) {
      const target = await realpath(path).catch(rootIfBroken);
      if (relative(root, target).startsWith('..'))
        throwIssues(name, [unsafe(`${relative(top, path)} is a link that leads out of the source tree`)]);
    }
  }
}

export function unsafe(found: string): DistIssue {
  return issue(
    'DIST_SOURCE_SDIST_UNSAFE',
    found,
    'A valid sdist has no such entries: the file may be malicious. Find out who made it before you use it.',
  );
}

export function unreadable(name: string, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause);
  return distError(name, 'DIST_SOURCE_SDIST_UNREADABLE', [`cannot be unpacked: ${found}`, 'Pin another version.'], {
    cause,
  });
}
