// release.json: what a release consists of. It has no time, so that the same files have the same digest, and publishing them again finds what is there.
import { createHash } from 'node:crypto';
import { StoreError } from '@pinpack/build-store';
import type { PublishedFile } from './publication-target.js';

const FORMAT = 1;
const SHA256 = /^[0-9a-f]{64}$/;

export interface PublicationFile {
  /** Below the release. */
  path: string;
  /** Bytes. */
  size: number;
  /** In hex. */
  sha256: string;
  contentType: string;
}

export interface PublicationRecord {
  label: string;
  /** By path. */
  files: PublicationFile[];
}

/** The same bytes for the same files, in whatever order they come. */
export function encodePublicationRecord(label: string, files: readonly PublishedFile[]): Uint8Array {
  const sorted = files
    .map(({ path, size, sha256, contentType }) => ({ path, size, sha256, contentType }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  return Buffer.from(`${JSON.stringify({ format: FORMAT, label, files: sorted }, null, 1)}\n`);
}

/** @throws StoreError `STORE_ANSWER_INVALID` */
export function parsePublicationRecord(subject: string, bytes: Uint8Array): PublicationRecord {
  const release = parseJson(bytes);
  if (!isRecord(release) || release.format !== FORMAT || typeof release.label !== 'string') throw invalid(subject);
  const { label, files } = release;
  if (!Array.isArray(files) || !files.every(isPublicationFile)) throw invalid(subject);
  return { label, files };
}

/** Every problem of the paths of a release's files. */
export function* pathProblems(files: readonly PublishedFile[]): Generator<string> {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
      yield `${path} is no path below a release`;
    }
    if (seen.has(path)) yield `${path} is there twice`;
    seen.add(path);
  }
}

export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isPublicationFile(value: unknown): value is PublicationFile {
  if (!isRecord(value)) return false;
  const { path, size, sha256, contentType } = value;
  const isDigest = typeof sha256 === 'string' && SHA256.test(sha256);
  return typeof path === 'string' && Number.isSafeInteger(size) && isDigest && typeof contentType === 'string';
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function invalid(subject: string): StoreError {
  return new StoreError('STORE_ANSWER_INVALID', subject, `it is no release of format ${FORMAT}`);
}
