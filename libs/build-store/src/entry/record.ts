// The record of an entry: a small JSON object that says which content a key stands for, and who says so.
import {
  ENTRY_KINDS,
  isEntryKey,
  isNamespace,
  isSha256,
  type EntryKind,
  type Namespace,
} from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

export interface EntryFacts {
  kind: EntryKind;
  key: string;
  namespace: Namespace;
  /** Of the content, in hex. */
  sha256: string;
  /** Of the content, in bytes. */
  size: number;
  /** The name that the content has as a file: an RPM's or a wheel's; empty for Nx's archives. */
  fileName: string;
  /** Small texts that belong to the content, by name; 64 KiB in all. */
  attachments: Record<string, string>;
  /** ISO 8601, UTC. Told to people and to `gc`; nothing is decided by it. */
  created: string;
}

export interface EntrySignature {
  /** The first 16 hex digits of the sha256 of the public key's DER. */
  keyId: string;
  /** Ed25519 over `signedBytes(facts)`, in base64. */
  value: string;
}

export interface EntryRecord extends EntryFacts {
  signature?: EntrySignature;
}

export const RECORD_LIMIT = 128 * 1024;
const ATTACHMENTS_LIMIT = 64 * 1024;
// Names that are used as they are for files: one part of a path, and none that hides or leaves its folder.
const FILE_NAME = /^[0-9A-Za-z_][^/\\\p{Cc}]{0,254}$/u;

/** @throws RangeError for facts that no reader would take */
export function encodeRecord(record: EntryRecord): Uint8Array {
  const problems = recordProblems(record);
  if (problems.length > 0) throw new RangeError(`${record.kind} ${record.key}: ${problems.join(', ')}`);
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * Fields that this version doesn't know are left out: nothing signs them.
 *
 * @param subject - where it lies, for messages
 * @throws StoreError `STORE_ANSWER_INVALID` with every problem
 */
export function parseRecord(bytes: Uint8Array, subject: string): EntryRecord {
  const value = parseJson(bytes, subject);
  const problems = recordProblems(value);
  if (problems.length > 0) throw invalid(subject, problems);
  const { kind, key, namespace, sha256, size, fileName, attachments, created, signature } = value as EntryRecord;
  const facts = { kind, key, namespace, sha256, size, fileName, attachments, created };
  return signature === undefined ? facts : { ...facts, signature: { keyId: signature.keyId, value: signature.value } };
}

function parseJson(bytes: Uint8Array, subject: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(subject, ['it is no JSON'], cause);
  }
}

function recordProblems(value: unknown): string[] {
  if (!isObject(value)) return ['it is no object'];
  const { kind, key, namespace, sha256, size, fileName, attachments, created, signature } = value;
  const checks: [string, boolean][] = [
    [`kind is one of ${ENTRY_KINDS.join(', ')}`, ENTRY_KINDS.some((known) => known === kind)],
    ['key is 1 to 128 letters, digits, "_" or "-"', typeof key === 'string' && isEntryKey(key)],
    ['namespace is main or branch/<branch>', typeof namespace === 'string' && isNamespace(namespace)],
    ['sha256 is 64 hex digits', typeof sha256 === 'string' && isSha256(sha256)],
    ['size is a number of bytes', Number.isSafeInteger(size) && (size as number) >= 0],
    ['fileName is empty or the name of a file', fileName === '' || isText(fileName, FILE_NAME)],
    ['attachments are texts, 64 KiB in all', isObject(attachments) && areAttachments(attachments)],
    ['created is a time in ISO 8601', typeof created === 'string' && !Number.isNaN(Date.parse(created))],
    ['signature has keyId and value', signature === undefined || isSignature(signature)],
  ];
  return checks.filter(([, holds]) => !holds).map(([rule]) => `expected that ${rule}`);
}

function areAttachments(attachments: Record<string, unknown>): boolean {
  const texts = Object.entries(attachments).flat();
  if (!texts.every((text) => isText(text))) return false;
  return texts.reduce((sum: number, text) => sum + Buffer.byteLength(text as string), 0) <= ATTACHMENTS_LIMIT;
}

function isSignature(value: unknown): boolean {
  return isObject(value) && isText(value.keyId, /^[0-9a-f]{16}$/) && isText(value.value, /^[0-9A-Za-z+/]{86}==$/);
}

/** Half of a surrogate pair has no bytes in UTF-8: two texts would be signed as one. */
function isText(value: unknown, form = /^/): boolean {
  return typeof value === 'string' && form.test(value) && Buffer.from(value).toString() === value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(subject: string, problems: string[], cause?: unknown): StoreError {
  const message = `not a record of pinpack's\n  ${problems.join('\n  ')}`;
  return new StoreError('STORE_ANSWER_INVALID', subject, message, { cause });
}
