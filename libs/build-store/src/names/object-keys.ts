// Where things lie in a store, the same in a folder and in S3 (docs/store.md, "Layout"). Version 1:
//   v1/main/sha256/<2 digits>/<sha256>         content, by its digest
//   v1/main/entries/<kind>/<key>               a record: what the key stands for
//   v1/branch/<branch>/sha256/…, …/entries/…   the same, written for one branch and read by it alone
// A role in S3 is thus a prefix.
import { createHash } from 'node:crypto';

/** What an entry is of: an archive of Nx's own cache, or what pinpack's executors made, by keys that hold in every repository. */
export const ENTRY_KINDS = ['nx', 'wheel', 'rpm'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** `main`, which all read and only trusted runs write; or a branch's own, `branch/<branch>`. */
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

/** @throws RangeError for what is no sha256 in hex */
export function contentPath(namespace: Namespace, sha256: string): string {
  if (!SHA256.test(sha256)) throw new RangeError(`${sha256} is no sha256 in hex`);
  return `${LAYOUT_VERSION}/${namespace}/sha256/${sha256.slice(0, 2)}/${sha256}`;
}

/** @throws RangeError for a key of other characters or more than 128 of them */
export function entryPath(namespace: Namespace, kind: EntryKind, key: string): string {
  if (!isEntryKey(key)) throw new RangeError(`${key} is no key, expected 1 to 128 letters, digits, "_" or "-"`);
  return `${LAYOUT_VERSION}/${namespace}/entries/${kind}/${key}`;
}

export type ObjectTarget =
  | { what: 'content'; namespace: Namespace; sha256: string }
  | { what: 'record'; namespace: Namespace; kind: EntryKind; key: string };

const PLACE = new RegExp(
  `^${LAYOUT_VERSION}/(main|branch/[^/]+)/(?:sha256/([0-9a-f]{2})/([0-9a-f]{64})|entries/([^/]+)/([^/]+))$`,
);

/** What lies at a path: the other way round of `contentPath` and `entryPath`; undefined for what they never give. */
export function parseObjectPath(path: string): ObjectTarget | undefined {
  const [, namespace = '', digits, sha256, name, key] = PLACE.exec(path) ?? [];
  if (!isNamespace(namespace)) return undefined;
  if (sha256 !== undefined) return sha256.startsWith(digits ?? '') ? { what: 'content', namespace, sha256 } : undefined;
  const kind = ENTRY_KINDS.find((known) => known === name);
  return kind !== undefined && key !== undefined && isEntryKey(key)
    ? { what: 'record', namespace, kind, key }
    : undefined;
}

/** Where content of a record is looked for: a branch's own goes before what all read. */
export function readableNamespaces(own: Namespace): readonly Namespace[] {
  return own === 'main' ? ['main'] : [own, 'main'];
}

/** The namespace of a branch of any name: readable, and no two branches share one. */
export function branchNamespace(branch: string): Namespace {
  const readable = branch
    .replaceAll(/[^0-9A-Za-z._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, READABLE_LENGTH);
  return `branch/${readable}-${createHash('sha256').update(branch).digest('hex').slice(0, 12)}`;
}
