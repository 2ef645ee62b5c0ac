// The root of the system that a reqset's builds are for: its compilers, libraries and Python replace those of this machine. The folder is only read.
import { lstatSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { distError } from '../dist-error.js';
import { ETC, SYSTEM_FOLDERS } from './system-folders.js';

export interface BuildRoot {
  /** As reqset.json names it, for messages. */
  subject: string;
  /** The folder that contains `usr`. */
  folder: string;
  /** `sha256:` and 64 hexadecimal digits: identifies everything that a build sees of it. */
  digest: string;
  /** Variables of the image: compilers may be on its PATH only. */
  environment: Readonly<Record<string, string>>;
  /** The folder of the Python that the set brings along, which then builds instead of the root's. */
  python?: string;
}

/** Where builds in a root see the Python that the set brings along: the same path on every machine. */
export const BUNDLED_FOLDER = '/tmp/pinpack-python';

/** A path of the root as the build sees it: mounted read-only, or a link with its target. */
export interface RootMount {
  path: string;
  link?: string;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function rootSearchPath({ environment }: Pick<BuildRoot, 'environment'>): string {
  return environment.PATH ?? PATH;
}

/** What a build sees of a root: the same folders and files as of a machine, and `/opt`. @throws DistError `DIST_BUILD_ROOT_INVALID` */
export function rootMounts({ folder, subject }: Pick<BuildRoot, 'folder' | 'subject'>): RootMount[] {
  if (lstatSync(join(folder, 'usr'), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw distError(subject, 'DIST_BUILD_ROOT_INVALID', [
      `${folder} has no folder usr, expected the root folder of a Linux system`,
      'Correct "build": {"root": …} in reqset.json.',
    ]);
  }
  const folders = ['usr', ...SYSTEM_FOLDERS, 'opt'];
  return [...folders, ...ETC.map((name) => `etc/${name}`)].flatMap((name) => mountOf(folder, name));
}

/** A mount would follow links out of the root, so links are made again in the sandbox, and what is behind a linked folder is left out. */
function mountOf(root: string, name: string): RootMount[] {
  const parents = name.split('/').slice(0, -1);
  const isReached = parents.every((_, at) => statusOf(join(root, ...parents.slice(0, at + 1)))?.isDirectory() === true);
  const status = isReached ? statusOf(join(root, name)) : undefined;
  const path = posix.join('/', name);
  if (status?.isSymbolicLink() === true) return [{ path, link: readlinkSync(join(root, name)) }];
  return status?.isDirectory() === true || status?.isFile() === true ? [{ path }] : [];
}

function statusOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}
