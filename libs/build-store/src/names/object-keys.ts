// Keys of the objects of a store, the same in a folder and in S3 (docs/cache.md, "Object keys"). Version 1:
//   v1/main/sha256/<2 digits>/<sha256>         content, by its digest
//   v1/main/entries/<kind>/<key>               a record: the content that a key stands for
//   v1/main/leases/<kind>/<key>/<n>-<beat>      a lease: one run makes the entry that the others wait for (store/leases.ts)
//   v1/main/runs/<year>-W<week>/<id>            the report of a run (store/run-reports.ts)
//   v1/branch/<branch>/…                        the same, written and read by one branch only
// Permissions in S3 are therefore granted by prefix.
import { createHash } from 'node:crypto';

/** Kinds of entries: archives of Nx's cache, or outputs of pinpack's executors, whose keys are valid in every repository. */
export const ENTRY_KINDS = ['nx', 'wheel', 'rpm'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** `main`, which everyone reads and trusted runs write, or `branch/<branch>` of one branch. */
export type Namespace = 'main' | `branch/${string}`;

export const LAYOUT_VERSION = 'v1';
const KEY = /^[0-9A-Za-z_-]{1,128}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const BRANCH_NAMESPACE = /^branch\/[0-9A-Za-z_-][0-9A-Za-z._-]{0,127}$/;
const READABLE_LENGTH = 40;

export function isEntryKey(key: string): boolean {
  return KEY.test(key);
}

export function isSha256(text: string): boolean {
  return SHA256.test(text);
}

export function isNamespace(text: string): text is Namespace {
  return text === 'main' || BRANCH_NAMESPACE.test(text);
}

/** @throws RangeError for an invalid sha256 */
export function contentPath(namespace: Namespace, sha256: string): string {
  if (!SHA256.test(sha256)) throw new RangeError(`${sha256} is not a sha256 in hex`);
  return `${LAYOUT_VERSION}/${namespace}/sha256/${sha256.slice(0, 2)}/${sha256}`;
}

/** @throws RangeError for an invalid key */
export function entryPath(namespace: Namespace, kind: EntryKind, key: string): string {
  if (!isEntryKey(key))
    throw new RangeError(`${key} is not a valid key, expected 1 to 128 letters, digits, "_" or "-"`);
  return `${LAYOUT_VERSION}/${namespace}/entries/${kind}/${key}`;
}

/** Prefix of the leases of an entry, with a slash at its end. */
export function leasePrefix(namespace: Namespace, kind: EntryKind, key: string): string {
  return `${LAYOUT_VERSION}/${namespace}/leases/${kind}/${key}/`;
}

/** Prefix of the reports of a week, with a slash at its end. */
export function reportPrefix(namespace: Namespace, week: string): string {
  return `${LAYOUT_VERSION}/${namespace}/runs/${week}/`;
}

/** The namespace and the week of a report; undefined for any other path. */
export function parseReportPath(path: string): { namespace: Namespace; week: string } | undefined {
  const [, namespace = '', week = ''] = REPORT_PATH.exec(path) ?? [];
  return isNamespace(namespace) ? { namespace, week } : undefined;
}

const REPORT_PATH = new RegExp(`^${LAYOUT_VERSION}/(main|branch/[^/]+)/runs/(\\d{4}-W\\d{2})/[^/]+$`);

/** Whether an object is a lease or a report: it can be removed by its age alone. */
export function isDatedPath(path: string): boolean {
  return DATED.test(path);
}

const DATED = new RegExp(`^${LAYOUT_VERSION}/(?:main|branch/[^/]+)/(?:leases|runs)/`);

export type ObjectTarget =
  | { what: 'content'; namespace: Namespace; sha256: string }
  | { what: 'record'; namespace: Namespace; kind: EntryKind; key: string };

const OBJECT_PATH = new RegExp(
  `^${LAYOUT_VERSION}/(main|branch/[^/]+)/(?:sha256/([0-9a-f]{2})/([0-9a-f]{64})|entries/([^/]+)/([^/]+))$`,
);

/** Inverse of `contentPath` and `entryPath`; undefined for any other path. */
export function parseObjectPath(path: string): ObjectTarget | undefined {
  const [, namespace = '', digits, sha256, name, key] = OBJECT_PATH.exec(path) ?? [];
  if (!isNamespace(namespace)) return undefined;
  if (sha256 !== undefined) return sha256.startsWith(digits ?? '') ? { what: 'content', namespace, sha256 } : undefined;
  const kind = ENTRY_KINDS.find((known) => known === name);
  return kind !== undefined && key !== undefined && isEntryKey(key)
    ? { what: 'record', namespace, kind, key }
    : undefined;
}

/** Namespaces in lookup order: a branch's own namespace precedes main. */
export function readableNamespaces(own: Namespace): readonly Namespace[] {
  return own === 'main' ? ['main'] : [own, 'main'];
}

/** The namespace of a branch: readable, and unique for each branch name. */
export function branchNamespace(branch: string): Namespace {
  const readable = branch
    .replaceAll(/[^0-9A-Za-z._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, READABLE_LENGTH);
  return `branch/${readable}-${createHash('sha256').update(branch).digest('hex').slice(0, 12)}`;
}
