/** Checks of a wheel's zip entries, so that every program unpacks the same regular files. */
import { type DistIssue, issue } from '../dist-error.js';
import { shortestForm } from './entry-name.js';
import type { ZipEntry } from './zip-directory.js';
import { UNUSABLE } from './unusable.js';
import { DEFLATED, STORED } from './zip-data.js';

const KIND_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
const SYMBOLIC_LINK = 0o120000;
const KINDS: Readonly<Record<number, string>> = {
  0o120000: 'a symbolic link',
  0o040000: 'a folder without a slash at its end',
  0o020000: 'a character device',
  0o060000: 'a block device',
  0o010000: 'a named pipe',
  0o140000: 'a socket',
};

/** Kind, encryption and method of one entry. */
export function entryKindIssues(entry: ZipEntry, name: string): DistIssue[] {
  const issues: DistIssue[] = [];
  const kind = entry.unixMode & KIND_MASK;
  if (kind !== 0 && kind !== REGULAR_FILE) {
    const found = `${name} is ${KINDS[kind] ?? `of the unknown kind 0o${kind.toString(8)}`}`;
    const expected = 'expected a regular file, which pip would make of it: a text with the target of the link';
    issues.push(
      issue('DIST_WHEEL_ENTRY_KIND', found, kind === SYMBOLIC_LINK ? expected : 'expected a regular file', UNUSABLE),
    );
  }
  if ((entry.flags & 0x2041) !== 0) issues.push(issue('DIST_WHEEL_ENTRY_ENCRYPTED', `${name} is encrypted`));
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    const found = `${name} is compressed with method ${entry.method}`;
    issues.push(issue('DIST_WHEEL_METHOD_UNSUPPORTED', found, 'expected 0 (stored) or 8 (deflated)'));
  }
  return issues;
}

/**
 * Names that would be written to the same path, and files that are also folders. Case matters. The same file twice is no issue: every program unpacks the
 * same content.
 */
export function duplicateEntryIssues(entries: readonly NamedEntry[]): DistIssue[] {
  const issues: DistIssue[] = [];
  const files = new Map<string, string>();
  const known = new Map<string, ZipEntry>();
  for (const { name, zip } of entries) {
    const path = shortestForm(name);
    const other = files.get(path);
    const same = known.get(name);
    if (same !== undefined && !isSameFile(same, zip)) issues.push(twice(name));
    if (other !== undefined && other !== name)
      issues.push(issue('DIST_WHEEL_DUPLICATE_ENTRY', `${other} and ${name} are the same path`));
    files.set(path, name);
    known.set(name, zip);
  }
  const folders = new Set([...files.keys()].flatMap((path) => foldersAmong(files, path)));
  for (const path of folders) {
    const name = files.get(path) ?? path;
    issues.push(issue('DIST_WHEEL_DUPLICATE_ENTRY', `${name} is both a file and a folder`));
  }
  return issues;
}

interface NamedEntry {
  readonly name: string;
  readonly zip: ZipEntry;
}

function isSameFile(one: ZipEntry, other: ZipEntry): boolean {
  return one.crc32 === other.crc32 && one.size === other.size && one.unixMode === other.unixMode;
}

function twice(name: string): DistIssue {
  const reason = 'Programs differ in which of the two they unpack, so the content of the wheel is ambiguous.';
  return issue('DIST_WHEEL_DUPLICATE_ENTRY', `${name} occurs twice, with different contents`, reason, UNUSABLE);
}

/** The folders of a path that are files too. They are not collected for all paths: crafted wheels have very deep ones. */
function foldersAmong(files: ReadonlyMap<string, string>, path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const folder = path.slice(0, slash);
    if (files.has(folder)) found.push(folder);
  }
  return found;
}
