// The record of an entry: a small JSON object that says which content a key stands for, and who says so.
import type { EntryKind, Namespace } from '../layout.js';

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
