// Unpacks the Python that a set brings along: a verified copy of an archive or of a folder, in the layout of python-build-standalone
// (`install_only` archives: `python/bin/python3.12`, `python/lib/python3.12`; also with `install` between).
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { walkFolder } from '@pinpack/common/walk-folder';
import { digestSourceTree } from '../build/source-tree-digest.js';
import { unpackTar } from '../build/unpack-tar.js';
import { DistError, distError } from '../dist-error.js';
import { exists } from '../files/optional-file.js';
import type { LockedInterpreter } from '../lock/lock.js';
import type { WheelFile } from '../names/distribution-file.js';

export interface InterpreterTools {
  /** The workspace's root. */
  root: string;
  /** Downloads a file to a path and verifies it. */
  fetch: (file: WheelFile, path: string) => Promise<unknown>;
  /** Builds an interpreter of the kind `source` into the user's cache, or finds it there. @returns its folder */
  build?: (locked: Located) => Promise<string>;
}

/** Far more than any interpreter has; the archive's digest is in the lock. */
const LIMITS = { sdistMiB: 4096, sdistRatio: 200, sdistEntries: 200_000 };

export type Located = Pick<LockedInterpreter, 'kind' | 'location' | 'sha256' | 'size' | 'recipe' | 'source'>;

/**
 * @param folder - must not exist; its parent must
 * @throws DistError `DIST_PYTHON_MISSING`, `DIST_PYTHON_DIFFERS`, `DIST_PYTHON_UNREADABLE`, `DIST_INDEX_*`
 */
export async function unpackInterpreter(locked: Located, tools: InterpreterTools, folder: string): Promise<void> {
  const work = await mkdtemp(`${folder}-`);
  try {
    await rename(await unpackLocked(locked, tools, work), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpackLocked(locked: Located, tools: InterpreterTools, work: string): Promise<string> {
  if (locked.kind === 'archive') return unpack(locked, tools, work);
  if (locked.kind === 'folder') return copyLocked(locked, resolve(tools.root, locked.location), work);
  if (tools.build === undefined) throw new Error(`${locked.location} is built from source, which needs tools.build`);
  return copyLocked(locked, await tools.build(locked), work);
}

/**
 * The interpreter in the user's cache, for builds and bytecode. It is never changed.
 *
 * @param cache - the user's cache folder
 * @throws DistError as `unpackInterpreter`
 */
export async function openInterpreter(locked: Located, tools: InterpreterTools, cache: string): Promise<string> {
  const folder = cachedInterpreter(cache, locked.sha256);
  if (await exists(join(folder, 'bin'))) return folder;
  if (locked.kind === 'source' && tools.build !== undefined) return tools.build(locked);
  await mkdir(dirname(folder), { recursive: true });
  const made = `${folder}.${process.pid}`;
  try {
    await unpackInterpreter(locked, tools, made);
    await keepInterpreter(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

export function cachedInterpreter(cache: string, sha256: string): string {
  return join(cache, 'pythons', sha256);
}

/** Moves a complete interpreter to its place in the cache. The user of the sandbox can read it there, whatever the umask is. */
export async function keepInterpreter(made: string, folder: string): Promise<void> {
  await chmod(made, 0o755);
  for (const entry of await walkFolder(made)) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  await rename(made, folder).catch(async (error: unknown) => {
    // Another run was faster; its copy is the same.
    if (!(await exists(join(folder, 'bin')))) throw error;
  });
}

/** The path of an archive or a folder on this machine; undefined for a URL. */
export function pathOfInterpreter(root: string, location: string): string | undefined {
  return isUrl(location) ? undefined : resolve(root, location);
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

async function unpack(locked: Located, { root, fetch }: InterpreterTools, work: string): Promise<string> {
  const { location } = locked;
  const archive = join(work, nameOfArchive(location));
  await fetchArchive(locked, { root, fetch }, archive);
  return unpackArchive(archive, location, work);
}

/**
 * Writes the verified archive of an interpreter, or of its source, to the path: a copy, which nobody changes after it was digested.
 *
 * @throws DistError `DIST_PYTHON_MISSING`, `DIST_PYTHON_DIFFERS`, `DIST_INDEX_*`
 */
export async function fetchArchive(
  { location, sha256, size }: Pick<Located, 'location' | 'sha256' | 'size'>,
  { root, fetch }: Pick<InterpreterTools, 'root' | 'fetch'>,
  path: string,
): Promise<void> {
  const local = pathOfInterpreter(root, location);
  if (local === undefined) {
    await fetch({ name: nameOfArchive(location), size, sha256, origin: { kind: 'url', url: location } }, path);
    return;
  }
  await copyFile(local, path, constants.COPYFILE_FICLONE).catch((cause: unknown) => {
    throw missing(location, cause);
  });
  const found = await sha256OfFile(path);
  if (found !== sha256) throw differs(location, sha256, found);
}

export function nameOfArchive(location: string): string {
  return basename(isUrl(location) ? decodeURIComponent(new URL(location).pathname) : location);
}

/** @returns the folder with `bin` and `lib`, below `work` */
async function unpackArchive(archive: string, location: string, work: string): Promise<string> {
  const target = join(work, 'unpacked');
  await mkdir(target);
  try {
    await unpackTar(archive, target, LIMITS);
  } catch (error) {
    if (!(error instanceof DistError)) throw error;
    throw distError(
      location,
      'DIST_PYTHON_UNREADABLE',
      [
        `cannot be unpacked: ${error.message.split('\n')[0] ?? ''}`,
        'expected a .tar.gz with one folder that contains bin and lib, as the install_only archives of python-build-standalone',
      ],
      { cause: error },
    );
  }
  const [top = ''] = await readdir(target);
  const folders = [join(target, top), join(target, top, 'install')];
  for (const folder of folders) if (await exists(join(folder, 'bin'))) return folder;
  throw distError(location, 'DIST_PYTHON_UNREADABLE', [
    `${top} in it contains neither bin nor install/bin`,
    'expected the layout of python-build-standalone: python/bin/python3.12, python/lib/python3.12',
  ]);
}

async function copyLocked({ location, sha256 }: Located, from: string, work: string): Promise<string> {
  const { folder, sha256: found } = await copyInterpreter(from, location, work);
  if (found !== sha256) throw differs(location, sha256, found);
  return folder;
}

export interface CopiedInterpreter {
  folder: string;
  /** Of its files. */
  sha256: string;
}

/**
 * Copies an installed Python without what was installed into it: site-packages, its scripts, bytecode.
 *
 * @returns the copy, and the sha256 of its files
 * @throws DistError `DIST_PYTHON_MISSING`, `DIST_PYTHON_UNREADABLE`
 */
export async function copyInterpreter(from: string, location: string, work: string): Promise<CopiedInterpreter> {
  const folder = join(work, 'copied');
  const source = await realpath(from).catch((cause: unknown) => {
    throw missing(location, cause);
  });
  await copyTree({ source, folder, location }, '');
  return { folder, sha256: await digestSourceTree(folder) };
}

interface Copy {
  source: string;
  folder: string;
  location: string;
}

async function copyTree(copy: Copy, path: string): Promise<void> {
  const { source, folder, location } = copy;
  await mkdir(join(folder, path));
  for (const entry of await readdir(join(source, path), { withFileTypes: true })) {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (isInstalled(inside)) continue;
    const [from, to] = [join(source, inside), join(folder, inside)];
    if (entry.isDirectory()) await copyTree(copy, inside);
    else if (entry.isSymbolicLink()) await symlink(await targetOf(copy, inside), to);
    else if (entry.isFile()) {
      await copyFile(from, to);
      await chmod(to, ((await stat(from)).mode & 0o100) === 0 ? 0o644 : 0o755);
    } else throw distError(location, 'DIST_PYTHON_UNREADABLE', `${inside} is neither a file nor a folder nor a link`);
  }
}

/** Below `bin`, only Python itself; the rest are scripts with paths of this machine. */
function isInstalled(path: string): boolean {
  if (path.startsWith('bin/')) return !/^bin\/python[0-9.]*t?$/.test(path);
  return /(?:^|\/)(?:__pycache__|site-packages|dist-packages)(?:\/|$)/.test(path);
}

/** A relative link to a file of the interpreter. */
async function targetOf({ source, location }: Copy, path: string): Promise<string> {
  const link = join(source, path);
  const target = await readlink(link);
  const found = await realpath(link).catch(undefinedIfAbsent);
  if (found !== undefined && !target.startsWith('/') && found.startsWith(`${source}${sep}`)) return target;
  throw distError(location, 'DIST_PYTHON_UNREADABLE', [
    `${path} is a link to ${target}, out of the folder`,
    'expected a Python whose files are all in one folder, which works wherever it is copied to',
  ]);
}

export function missing(location: string, cause: unknown): DistError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return distError(
    location,
    'DIST_PYTHON_MISSING',
    [`cannot be read: ${reason}`, 'expected the archive or the folder that "bundle" in reqset.json names'],
    { cause },
  );
}

export function differs(location: string, expected: string, found: string): DistError {
  return distError(location, 'DIST_PYTHON_DIFFERS', [
    'is not the Python that is locked',
    `expected sha256=${expected}, found sha256=${found}`,
    'Find out why it changed, then lock again.',
  ]);
}
