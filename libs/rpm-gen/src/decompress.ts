/**
 * Decompresses payloads. The archive's size is known from the signature header, so a payload that grows beyond it is refused before it fills the memory.
 */
import { createGunzip } from 'node:zlib';
import { decompressPieces, type DecompressionKind } from '@pinpack/compression';
import { RpmError } from './errors.js';

/** @param size - bytes of the archive, from the signature header */
type Decompressor = (data: Buffer, size: number, subject: string) => Promise<Buffer>;

/** lzma is the format before xz; its library tells them apart. */
const DECOMPRESSORS = { zstd: byLibrary('zstd'), xz: byLibrary('xz'), lzma: byLibrary('xz'), gzip } satisfies Record<
  string,
  Decompressor
>;
const GZIP_MAGIC = 0x1f8b;
/** Text compresses up to a hundredfold; more than this is made to fill memory. */
const MAX_RATIO = 500;
const RATIO_APPLIES_ABOVE = 256 * 1024 * 1024;

/**
 * @param compressor - PAYLOADCOMPRESSOR of the header. Without it rpm reads gzip or an uncompressed archive, whichever it finds
 * @throws RpmError `RPM_DAMAGED`
 */
export async function decompress(
  data: Buffer,
  compressor: string | undefined,
  expected: number | { atMost: number },
  subject: string,
): Promise<Buffer> {
  const size = typeof expected === 'number' ? expected : expected.atMost;
  const kind = payloadKind(data, compressor, subject);
  if (size > RATIO_APPLIES_ABOVE && size > data.length * MAX_RATIO) {
    const message = `the header declares an archive of ${size} bytes, ${Math.round(size / data.length)} times the payload's ${data.length} bytes, expected at most ${MAX_RATIO} times`;
    throw new RpmError('RPM_DAMAGED', subject, message);
  }
  const archive = kind === 'none' ? data : await DECOMPRESSORS[kind](data, size, subject);
  if (archive.length > size || (archive.length < size && expected === size))
    throw wrongSize(subject, `${archive.length}`, size);
  return archive;
}

export type PayloadKind = keyof typeof DECOMPRESSORS | 'none';

/** @param start - the first bytes of the payload. @throws RpmError `RPM_DAMAGED` */
export function payloadKind(start: Buffer, compressor: string | undefined, subject: string): PayloadKind {
  const isGzip = start.length >= 2 && start.readUInt16BE() === GZIP_MAGIC;
  const kind = compressor ?? (isGzip ? 'gzip' : 'none');
  if (kind === 'none' || isKnown(kind)) return kind;
  const message = `the payload is compressed by ${JSON.stringify(kind)}, expected zstd, xz, gzip or none`;
  throw new RpmError('RPM_DAMAGED', subject, message);
}

function isKnown(kind: string): kind is keyof typeof DECOMPRESSORS {
  return Object.hasOwn(DECOMPRESSORS, kind);
}

function byLibrary(kind: DecompressionKind): Decompressor {
  return (data, size, subject) => fill(decompressPieces(kind, [data]), size, subject);
}

function gzip(data: Buffer, size: number, subject: string): Promise<Buffer> {
  const stream = createGunzip();
  stream.end(data);
  return fill(stream, size, subject);
}

async function fill(pieces: AsyncIterable<Buffer>, size: number, subject: string): Promise<Buffer> {
  const archive = Buffer.alloc(size);
  let end = 0;
  try {
    for await (const piece of pieces) {
      if (end + piece.length > size) throw wrongSize(subject, 'more', size);
      archive.set(piece, end);
      end += piece.length;
    }
  } catch (error) {
    throw error instanceof RpmError ? error : damaged(subject, error);
  }
  return archive.subarray(0, end);
}

export function damaged(subject: string, cause: unknown): RpmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RpmError('RPM_DAMAGED', subject, `the payload can't be decompressed: ${reason}`, { cause });
}

export function wrongSize(subject: string, found: string, expected: number): RpmError {
  const message = `the payload decompresses to ${found} bytes, expected ${expected}. Build or fetch it again.`;
  return new RpmError('RPM_DAMAGED', subject, message);
}
