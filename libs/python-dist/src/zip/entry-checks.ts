/** Checks of a wheel's zip entries, so that every program unpacks the same regular files. */
import { type DistIssue, issue } from '../dist-error.js';
import { shortestForm } from './entry-name.js';
import type { ZipEntry } from './zip-directory.js';
import { DEFLATED, STORED } from './zip-data.js';

const KIND_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
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
    issues.push(issue('DIST_WHEEL_ENTRY_KIND', found, 'expected a regular file'));
  }
  if ((entry.flags & 0x2041) !== 0) issues.push(issue('DIST_WHEEL_ENTRY_ENCRYPTED', `${name} is encrypted`));
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    const found = `${name} is compressed with method ${entry.method}`;
    issues.push(issue('DIST_WHEEL_METHOD_UNSUPPORTED', found, 'expected 0 (stored) or 8 (deflated)'));
  }
  return issues;
}

/** Names that would be written to the same path, and files that are also folders. Case matters. */
export function duplicateEntryIssues(names: readonly string[]): DistIssue[] {
  const issues: DistIssue[] = [];
  const files = new Map<string, string>();
  for (const name of names) {
    const path = shortestForm(name);
    const other = files.get(path);
    if (other === name) issues.push(issue('DIST_WHEEL_DUPLICATE_ENTRY', `${name} occurs twice`));
    else if (other !== undefined)
      issues.push(issue('DIST_WHEEL_DUPLICATE_ENTRY', `${other} and ${name} are the same path`));
    files.set(path, name);
  }
  const folders = new Set([...files.keys()].flatMap((path) => foldersAmong(files, path)));
  for (const path of folders) {
    const name = files.get(path) ?? path;
    issues.push(issue('DIST_WHEEL_DUPLICATE_ENTRY', `${name} is both a file and a folder`));
  }
  return issues;
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
