// The frame of an Nx archive: everything of its tar but the content of its largest file. An archive of outputs that are compressed already is stored as that
// file, by its digest like every other content, with the frame as an attachment of the record. So an RPM that has several keys is stored once.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import type { EntryRecord } from '../entry/record.js';
import { isSha256 } from '../names/object-keys.js';

export interface ArchiveFrame {
  /** The tar without the content. */
  bytes: Uint8Array;
  /** Where in these bytes the content belongs. */
  offset: number;
}

/** The attachment's name. */
const FRAME = 'archive';
/** Of the attachment. Attachments have 64 KiB in total. */
const LARGEST_TEXT = 60 * 1024;
/** Of an unpacked frame: headers of many small files. */
export const LARGEST_FRAME = 1024 * 1024;

const SCHEMA = z.object({
  format: z.literal(1),
  offset: z.int().min(0),
  /** Of the bytes: the digest of the content does not cover them, and a signature is optional. */
  sha256: z.string().refine(isSha256),
  /** Raw deflate, in base64. */
  deflated: z.base64(),
});

/** @returns undefined for a frame that does not fit into a record */
export function encodeFrame({ bytes, offset }: ArchiveFrame): EntryRecord['attachments'] | undefined {
  const deflated = deflateRawSync(bytes, { level: 9 }).toString('base64');
  const text = JSON.stringify({ format: 1, offset, sha256: sha256Of(bytes), deflated } satisfies z.input<
    typeof SCHEMA
  >);
  return text.length > LARGEST_TEXT ? undefined : { [FRAME]: text };
}

/** Whether the content of an entry is the largest file of an archive. */
export function hasFrame(attachments: EntryRecord['attachments']): boolean {
  return FRAME in attachments;
}

/** @returns undefined for an entry that is a whole archive, and `damaged` for a frame that cannot be used */
export function decodeFrame(attachments: EntryRecord['attachments']): ArchiveFrame | 'damaged' | undefined {
  const text = attachments[FRAME];
  if (text === undefined) return undefined;
  const frame = parseJson(text, SCHEMA);
  if (frame === undefined) return 'damaged';
  const bytes = inflate(frame.deflated);
  if (bytes === undefined || frame.offset > bytes.length || sha256Of(bytes) !== frame.sha256) return 'damaged';
  return { bytes, offset: frame.offset };
}

function inflate(deflated: string): Buffer | undefined {
  try {
    return inflateRawSync(Buffer.from(deflated, 'base64'), { maxOutputLength: LARGEST_FRAME });
  } catch {
    return undefined;
  }
}
