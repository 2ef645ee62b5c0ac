/** Checks, completes and sorts the files of a package, as rpmbuild does. */
import { escapeControlCharacters, hasControlCharacters } from '@pinpack/common/control-characters';
import { throwIssues } from './errors.js';

export interface FileContent {
  data: Uint8Array;
  /** Hex. Trusted when given, so that the content isn't hashed twice. */
  sha256?: string;
}

export interface RpmEntry {
  /** Absolute. */
  path: string;
  /** A ghost is listed and erased with the package, yet not in the payload. */
  kind: 'file' | 'directory' | 'symlink' | 'ghost';
  /** Permission bits, with setuid, setgid and sticky; of no effect on a symlink. */
  mode: number;
  /** Of a symlink. */
  target?: string;
  /** Bytes of a file; of a ghost what it is expected to take; of no effect elsewhere. */
  size: number;
  /** Default root. */
  user?: string;
  /** Default root. */
  group?: string;
  /** Seconds since 1970. Default 1980-01-01: constant, so that deltas are small, and no earlier, so that zip takes it. */
  mtime?: number;
  config?: 'replace' | 'noreplace';
  doc?: boolean;
  license?: boolean;
  /** Of a file. */
  read?: () => Promise<FileContent> | FileContent;
}

/** An entry as the header lists it. */
export interface RpmFile {
  path: string;
  kind: RpmEntry['kind'];
  /** File type and permission bits, as `st_mode`. */
  mode: number;
  target: string;
  size: number;
  user: string;
  group: string;
  mtime: number;
  flags: number;
}

export const DEFAULT_MTIME = 315_532_800;

const TYPE_BITS = { file: 0o100000, ghost: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;

const FLAGS = { config: 1, doc: 2, noreplace: 16, ghost: 64, license: 128 } as const;

/** Sorted by the bytes of the path, as rpmbuild does; rpm finds files by bisection. Throws with every issue of every entry. */
export function sortEntries(entries: readonly RpmEntry[]): RpmEntry[] {
  const issues = [...entries.flatMap(entryIssues), ...layoutIssues(entries)];
  throwIssues('RPM_ENTRIES_INVALID', 'files of the package', issues, 'Correct the list of files.');
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

export function completeEntry(entry: RpmEntry): RpmFile {
  const { path, kind, user = 'root', group = 'root', mtime = DEFAULT_MTIME } = entry;
  const target = kind === 'symlink' ? (entry.target ?? '') : '';
  // Every symlink on Linux has mode 777; another value would make `rpm -V` complain.
  const permissions = kind === 'symlink' ? 0o777 : entry.mode;
  const size = kind === 'symlink' ? Buffer.byteLength(target) : kind === 'directory' ? 0 : entry.size;
  return { path, kind, mode: TYPE_BITS[kind] | permissions, target, size, user, group, mtime, flags: flagsOf(entry) };
}

function flagsOf({ kind, config, doc, license }: RpmEntry): number {
  const ghost = kind === 'ghost' ? FLAGS.ghost : 0;
  const replaced = config === undefined ? 0 : FLAGS.config | (config === 'noreplace' ? FLAGS.noreplace : 0);
  return ghost | replaced | (doc === true ? FLAGS.doc : 0) | (license === true ? FLAGS.license : 0);
}

function entryIssues({ path, kind, mode, size, target, mtime, read, user, group }: RpmEntry): string[] {
  const shown = escapeControlCharacters(JSON.stringify(path));
  const checks: [boolean, string][] = [
    [
      isPlainPath(path),
      `${shown}: expected an absolute path without "//", "/./", "/../", a final "/" or control characters`,
    ],
    [isCount(mode, 0o7777), `${shown}: mode is ${mode}, expected permission bits 0 to 0o7777`],
    [isCount(size, Number.MAX_SAFE_INTEGER), `${shown}: size is ${size}, expected a number of bytes`],
    [isCount(mtime ?? 0, 0xffffffff), `${shown}: mtime is ${mtime ?? 0}, expected seconds since 1970 in 32 bits`],
    [
      kind !== 'symlink' || (target !== undefined && isText(target)),
      `${shown}: a symlink needs a target without control characters`,
    ],
    [kind !== 'file' || read !== undefined, `${shown}: a file needs \`read\``],
    [isAccount(user) && isAccount(group), `${shown}: expected user and group names without spaces`],
  ];
  return checks.flatMap(([valid, issue]) => (valid ? [] : [issue]));
}

function layoutIssues(entries: readonly RpmEntry[]): string[] {
  const issues: string[] = [];
  const kinds = new Map<string, RpmEntry['kind']>();
  for (const { path, kind } of entries) {
    if (kinds.has(path)) issues.push(`${JSON.stringify(path)}: listed twice, expected every path once`);
    kinds.set(path, kind);
  }
  for (const path of kinds.keys()) {
    const parent = path.slice(0, path.lastIndexOf('/'));
    const kind = kinds.get(parent);
    if (kind !== undefined && kind !== 'directory') {
      issues.push(`${JSON.stringify(path)}: is in ${JSON.stringify(parent)}, which is a ${kind}, expected a directory`);
    }
  }
  return issues;
}

function isPlainPath(path: string): boolean {
  const [root, ...parts] = path.split('/');
  return root === '' && isText(path) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Text that UTF-8 can hold, on one line. */
function isText(text: string): boolean {
  return text !== '' && !hasControlCharacters(text) && !/\p{Surrogate}/u.test(text);
}

function isAccount(name: string | undefined): boolean {
  return name === undefined || (isText(name) && !/[\s:/]/.test(name));
}

function isCount(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= limit;
}
