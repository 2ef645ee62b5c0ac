// The record of an entry: a small JSON object with the content that a key stands for, and its signature.
import { isDeepStrictEqual } from 'node:util';
import { checkInput } from '@pinpack/common/format-issues';
import { checkJson } from '@pinpack/common/json';
import { z } from 'zod';
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
  /** SHA-256 of the content, in hex. */
  sha256: string;
  /** Size of the content, in bytes. */
  size: number;
  /** File name of the RPM or wheel; empty for Nx archives. */
  fileName: string;
  /** Small texts that belong to the content, by name; 64 KiB in total. */
  attachments: Record<string, string>;
  /** ISO 8601, UTC. For information only. */
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

/** Whether two records of one key stand for the same output. */
export function isSameEntry(one: EntryRecord, other: EntryRecord): boolean {
  return one.sha256 === other.sha256 && isDeepStrictEqual(one.attachments, other.attachments);
}

export const RECORD_LIMIT = 128 * 1024;
const ATTACHMENTS_LIMIT = 64 * 1024;
/** A name that is used as a path segment: it cannot be hidden or leave its folder. */
const FILE_NAME = /^(?:[0-9A-Za-z_][^/\\\p{Cc}]{0,254})?$/u;

/** Half of a surrogate pair has no UTF-8 encoding: two different texts would have the same signature. */
function text(expected: string, form = /^/) {
  return z.string({ error: expected }).refine((found) => form.test(found) && Buffer.from(found).toString() === found, {
    error: expected,
  });
}

const ATTACHMENTS = 'texts by name, 64 KiB in total';

export const RECORD_SCHEMA = z.object({
  kind: z.enum(ENTRY_KINDS, { error: ENTRY_KINDS.join(' or ') }),
  key: z.string().refine(isEntryKey).describe('1 to 128 letters, digits, "_" or "-"'),
  namespace: z.custom<Namespace>((found) => typeof found === 'string' && isNamespace(found), {
    error: 'main or branch/<branch>',
  }),
  sha256: z.string().refine(isSha256).describe('64 hex digits'),
  size: z.int().min(0).describe('a number of bytes'),
  fileName: text('the name of a file, or an empty text', FILE_NAME),
  attachments: z
    .record(text(ATTACHMENTS), text(ATTACHMENTS), { error: ATTACHMENTS })
    .refine((found) => sizeOf(Object.entries(found).flat()) <= ATTACHMENTS_LIMIT, { error: ATTACHMENTS }),
  created: text('a time in ISO 8601').refine((found) => !Number.isNaN(Date.parse(found)), {
    error: 'a time in ISO 8601',
  }),
  signature: z
    .object({
      keyId: text('16 hex digits', /^[0-9a-f]{16}$/),
      value: text('base64 of an Ed25519 signature', /^[0-9A-Za-z+/]{86}==$/),
    })
    .exactOptional(),
});

/** @throws RangeError for facts that no reader would accept */
export function encodeRecord(record: EntryRecord): Uint8Array {
  const { issues } = checkInput(RECORD_SCHEMA, record);
  if (issues !== undefined) throw new RangeError(`${record.kind} ${record.key}: ${issues.join(', ')}`);
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * Ignores unknown fields: the signature does not cover them.
 *
 * @param subject - path of the record, for messages
 * @throws StoreError `STORE_ANSWER_INVALID` with every issue
 */
export function parseRecord(bytes: Uint8Array, subject: string): EntryRecord {
  const { value, issues } = checkJson(decodeUtf8(bytes), RECORD_SCHEMA);
  if (issues === undefined) return value;
  const message = `it is not a record of pinpack\n  ${issues.join('\n  ')}`;
  throw new StoreError('STORE_ANSWER_INVALID', subject, message);
}

/** Empty for bytes that are not UTF-8, which is not JSON either. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, found) => sum + Buffer.byteLength(found), 0);
}
