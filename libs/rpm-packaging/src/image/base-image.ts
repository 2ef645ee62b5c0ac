// Opens and unpacks the base image, once. Its Python creates the environment; it must have the libraries that the wheels require.
import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { readFolder } from '@pinpack/common/read-folder';
import { openImage, parseLocation, resolveInRoot, unpackImage, type Image } from '@pinpack/oci-image';
import { PackagingError } from '../packaging-error.js';
import type { RpmFacts } from './rpm-entries.js';

/** Folders that the sandbox mounts something on. */
const MOUNT_POINTS = ['dev', 'opt', 'proc', 'run', 'tmp', 'usr/lib/pinpack'];
const PYTHON_FOLDERS = ['usr/bin', 'usr/local/bin'];
const LIBRARY_FOLDERS = ['lib', 'lib64', 'usr/lib', 'usr/lib64', 'usr/local/lib'];
const PYTHON = /^python3\.\d+$/;
const LIBRARY_FILE = /\.so(?:\.|$)/;
/** `libm.so.6(GLIBC_2.29)(64bit)` */
const LIBRARY = /^([^()\s]+\.so[^()\s]*)\(([^()]*)\)/;

export interface Base {
  image: Image;
  /** The unpacked image; read-only. */
  rootfs: string;
}

/** @param path - as in the settings. @param folders - `bases` holds the unpacked images. @throws OciError */
export async function openBase(
  path: string,
  architecture: string,
  folders: { root: string; bases: string },
): Promise<Base> {
  const location = parseLocation(path);
  const image = await openImage(
    { ...location, path: isAbsolute(location.path) ? location.path : join(folders.root, location.path) },
    architecture,
  );
  return { image, rootfs: await unpackOnce(image, folders.bases) };
}

async function unpackOnce(image: Image, folder: string): Promise<string> {
  const rootfs = join(folder, image.descriptor.digest.slice('sha256:'.length));
  if (await isThere(rootfs)) return rootfs;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.unpacking-'));
  try {
    await unpackImage(image, work);
    for (const point of MOUNT_POINTS) mkdirSync(join(work, point), { recursive: true });
    // Another task may have unpacked the same image meanwhile.
    await rename(work, rootfs).catch(async (error: unknown) => {
      if (!(await isThere(rootfs))) throw error;
    });
    return rootfs;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The path in the image of the Python that the wheels are for. @throws PackagingError `PINPACK_IMAGE_BASE` with the Pythons of the base */
export async function findPython({ image, rootfs }: Base, minor: string): Promise<string> {
  const found: string[] = [];
  for (const folder of PYTHON_FOLDERS) {
    const real = resolveInRoot(rootfs, folder);
    const names = real === undefined ? [] : (await readFolder(real)).map(({ name }) => name);
    found.push(...names.filter((name) => PYTHON.test(name)).map((name) => `/${folder}/${name}`));
  }
  const python = found.find((path) => path.endsWith(`/python${minor}`));
  if (python !== undefined) return python;
  throw new PackagingError('PINPACK_IMAGE_BASE', image.subject, [
    `it has ${found.length === 0 ? 'no Python in /usr/bin and /usr/local/bin' : found.join(', ')}`,
    `expected python${minor}, which the wheels are made for`,
    'Name a base that has it, or put it into this one.',
  ]);
}

/** dnf would refuse the wheel RPMs on a server that lacks a library of theirs. @throws PackagingError `PINPACK_IMAGE_BASE` with all that is missing */
export async function checkLibraries({ image, rootfs }: Base, rpms: readonly RpmFacts[]): Promise<void> {
  const libraries = await findLibraries(rootfs);
  const missing: string[] = [];
  for (const [requirement, names] of requirementsOf(rpms)) {
    const [, library = '', version = ''] = LIBRARY.exec(requirement) ?? [];
    const path = libraries.get(library);
    // A library contains the names of its symbol versions as strings.
    const isMissing = path === undefined || (version !== '' && !(await readFile(path)).includes(`${version}\0`));
    if (isMissing)
      missing.push(`${version === '' ? library : `${library} (${version})`}, which ${names.join(', ')} needs`);
  }
  if (missing.length === 0) return;
  throw new PackagingError('PINPACK_IMAGE_BASE', image.subject, ['it lacks', ...missing, 'Name a base that has them.']);
}

function requirementsOf(rpms: readonly RpmFacts[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, requires } of rpms) {
    for (const requirement of requires.filter((each) => LIBRARY.test(each)))
      found.set(requirement, [...(found.get(requirement) ?? []), name]);
  }
  return found;
}

/** Shared libraries by name, with the file that each resolves to. */
async function findLibraries(rootfs: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await readFolder(join(rootfs, folder))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth > 0) await walk(path, depth - 1);
      const file = LIBRARY_FILE.test(entry.name) ? resolveInRoot(rootfs, path) : undefined;
      if (file !== undefined) found.set(entry.name, file);
    }
  };
  for (const folder of LIBRARY_FOLDERS) {
    const real = resolveInRoot(rootfs, folder);
    if (real !== undefined) await walk(relative(rootfs, real), 2);
  }
  return found;
}

/** The text of a file of the base; empty where it has none. */
export async function readText({ rootfs }: Base, path: string): Promise<string> {
  const file = resolveInRoot(rootfs, path);
  return file === undefined ? '' : readFile(file, 'utf8');
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
