/** Checks, completes and sorts the files of a package, as rpmbuild does. */
import type { RpmEntry, VerifiedAspect } from './entry.js';
import { throwIssues } from './errors.js';
import { FILE_FLAGS, TYPE_BITS } from './file-attributes.js';
import { entryIssues, layoutIssues } from './validate-entries.js';

export type { FileContent, RpmEntry, VerifiedAspect } from './entry.js';

/** An entry as the header lists it. */
export interface RpmFile extends Pick<RpmEntry, 'path' | 'kind' | 'color' | 'class'> {
  ghost: boolean;
  /** File type and permission bits, as `st_mode`. */
  mode: number;
  target: string;
  size: number;
  user: string;
  group: string;
  mtime: number;
  flags: number;
  verifyFlags: number;
  /** Of a device: major and minor number in 8 bits each, as the header holds them. */
  device: number;
  language: string;
  capabilities: string;
  /** In the header's list. */
  index: number;
  /** Equal for names of one file. */
  inode: number;
  /** Names of the file, itself included. */
  links: number;
}

export const DEFAULT_MTIME = 315_532_800;

const VERIFY_ALL = 0xffffffff;
const VERIFY_BITS: Record<VerifiedAspect, number> = {
  digest: 1 << 0,
  size: 1 << 1,
  link: 1 << 2,
  user: 1 << 3,
  group: 1 << 4,
  mtime: 1 << 5,
  mode: 1 << 6,
  rdev: 1 << 7,
  capabilities: 1 << 8,
};
/** Content, size, link target and mtime of a ghost are its own. */
const GHOST_ASPECTS: VerifiedAspect[] = ['digest', 'size', 'link', 'mtime'];

/** Sorted by the bytes of the path, as rpmbuild does; rpm finds files by bisection. Throws with every issue of every entry. */
export function sortEntries(entries: readonly RpmEntry[]): RpmEntry[] {
  const issues = [...entries.flatMap(entryIssues), ...layoutIssues(entries)];
  throwIssues('RPM_ENTRIES_INVALID', 'files of the package', issues, 'Correct the list of files.');
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/** @param entries - sorted, as by sortEntries */
export function completeEntries(entries: readonly RpmEntry[]): RpmFile[] {
  return groupNames(entries).map(({ entry, names: { file, first, links } }, index) => {
    const complete = completeEntry({ ...file, path: entry.path });
    // As in rpmbuild's packages, the first name gives the inode. All others differ, or rpmlint takes the files for hard links of one another.
    return { ...complete, kind: entry.kind, index, inode: first + 1, links };
  });
}

/** The names of one file. */
interface FileNames {
  file: RpmEntry;
  /** Index of the first one. */
  first: number;
  links: number;
}

function groupNames(entries: readonly RpmEntry[]): { entry: RpmEntry; names: FileNames }[] {
  const known = new Map(entries.map((entry) => [entry.path, entry]));
  const byFile = new Map<RpmEntry, FileNames>();
  return entries.map((entry, index) => {
    const file = (entry.kind === 'hardlink' ? known.get(entry.target ?? '') : undefined) ?? entry;
    const names = byFile.get(file) ?? { file, first: index, links: 0 };
    names.links += 1;
    byFile.set(file, names);
    return { entry, names };
  });
}

function completeEntry(entry: RpmEntry): Omit<RpmFile, 'index' | 'inode' | 'links'> {
  const { path, kind, user = 'root', group = 'root', mtime = DEFAULT_MTIME } = entry;
  const target = kind === 'symlink' ? (entry.target ?? '') : '';
  // Every symlink on Linux has mode 777; another value would make `rpm -V` complain.
  const permissions = kind === 'symlink' ? 0o777 : entry.mode;
  const { device = { major: 0, minor: 0 }, language = '', capabilities = '' } = entry;
  return {
    path,
    kind,
    ghost: entry.ghost === true,
    mode: TYPE_BITS[kind] | permissions,
    target,
    size: kind === 'symlink' ? Buffer.byteLength(target) : kind === 'file' ? entry.size : 0,
    user,
    group,
    mtime,
    flags: flagsOf(entry),
    verifyFlags: verifyFlagsOf(entry),
    device: (device.major << 8) | device.minor,
    language,
    capabilities,
    ...(entry.color !== undefined && { color: entry.color }),
    ...(entry.class !== undefined && { class: entry.class }),
  };
}

function flagsOf({ config, ...marks }: RpmEntry): number {
  const replaced = config === undefined ? 0 : FILE_FLAGS.config | (config === 'noreplace' ? FILE_FLAGS.noreplace : 0);
  const names = ['doc', 'license', 'specFile', 'ghost', 'artifact', 'missingOk'] as const;
  return names.reduce((flags, name) => (marks[name] === true ? flags | FILE_FLAGS[name] : flags), replaced);
}

function verifyFlagsOf({ ghost, unverified = [] }: RpmEntry): number {
  const left = [...unverified, ...(ghost === true ? GHOST_ASPECTS : [])];
  // A number of 32 bits without a sign.
  return left.reduce((flags, aspect) => (flags & ~VERIFY_BITS[aspect]) >>> 0, VERIFY_ALL);
}
