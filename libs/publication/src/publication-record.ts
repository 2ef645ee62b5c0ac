// release.json: the list of files of a publication. It contains no time, so that the same files have the same digest and publishing them again
// finds the existing publication.
import { createHash } from 'node:crypto';
import { StoreError } from '@pinpack/build-store';
import { checkJson } from '@pinpack/common/json';
import { z } from 'zod';
import type { PublishedFile } from './publication-target.js';

const FORMAT = 1;

const FILE_SCHEMA = z.object({
  /** Relative to the publication. */
  path: z.string(),
  /** In bytes. */
  size: z.int().min(0),
  /** In hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: '64 hex digits' }),
  contentType: z.string(),
});

const RECORD_SCHEMA = z.object({
  format: z.literal(FORMAT, { error: `${FORMAT}. Use the version of pinpack that published it` }),
  label: z.string(),
  /** Sorted by path. */
  files: z.array(FILE_SCHEMA),
});

export type PublicationFile = z.output<typeof FILE_SCHEMA>;
export type PublicationRecord = Omit<z.output<typeof RECORD_SCHEMA>, 'format'>;

/** The order of the files does not affect the bytes. */
export function encodePublicationRecord(label: string, files: readonly PublishedFile[]): Uint8Array {
  const sorted = files
    .map(({ path, size, sha256, contentType }) => ({ path, size, sha256, contentType }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  return Buffer.from(`${JSON.stringify({ format: FORMAT, label, files: sorted }, null, 1)}\n`);
}

/** @throws StoreError `STORE_ANSWER_INVALID` */
export function parsePublicationRecord(subject: string, bytes: Uint8Array): PublicationRecord {
  const { value, issues } = checkJson(Buffer.from(bytes).toString(), RECORD_SCHEMA);
  if (issues === undefined) return { label: value.label, files: value.files };
  throw new StoreError('STORE_ANSWER_INVALID', subject, issues.join('\n  '));
}

/** Issues of the paths of a publication's files. */
export function* pathProblems(files: readonly PublishedFile[]): Generator<string> {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
      yield `${path} is not a valid path`;
    }
    if (seen.has(path)) yield `${path} is listed twice`;
    seen.add(path);
  }
}

export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
