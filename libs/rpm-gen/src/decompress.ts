/** Decompresses payloads. The archive's size is known from the signature header, so a payload that grows beyond it is refused before it fills the memory. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decompressPieces } from '@pinpack/compression';
import { RpmError } from './errors.js';

export interface StreamedPayload {
  /** PAYLOADCOMPRESSOR of the header. Without it rpm reads gzip or an uncompressed archive, whichever it finds. */
  compressor: string | undefined;
  /** The first bytes of the payload. */
  start: Buffer;
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** Bytes of the archive, from the signature header. */
  size: number | { atMost: number };
}

type Pieces = StreamedPayload['pieces'];

/** By PAYLOADCOMPRESSOR. lzma is the format before xz; its library tells them apart. */
const DECOMPRESSORS = {
  none: (pieces) => pieces,
  zstd: (pieces) => decompressPieces('zstd', pieces),
  gzip: gunzip,
  xz: (pieces) => decompressPieces('xz', pieces),
  lzma: (pieces) => decompressPieces('xz', pieces),
} satisfies Record<string, (pieces: Pieces) => Pieces>;

const GZIP_MAGIC = 0x1f8b;
/** Text compresses up to a hundredfold; more than this is made to fill memory. */
const MAX_RATIO = 500;
const RATIO_APPLIES_ABOVE = 256 * 1024 * 1024;

/** Decompresses piece by piece. @throws RpmError `RPM_DAMAGED` */
export async function* decompressStream(
  { compressor, start, pieces, size }: StreamedPayload,
  subject: string,
): AsyncGenerator<Buffer, void, undefined> {
  const most = largestSize(size);
  let total = 0;
  try {
    for await (const piece of DECOMPRESSORS[payloadKind(start, compressor, subject)](pieces)) {
      total += piece.length;
      if (total > most) throw wrongSize(subject, 'more', most);
      yield piece;
    }
  } catch (error) {
    throw error instanceof RpmError ? error : damaged(subject, error);
  }
  if (total < most && size === most) throw wrongSize(subject, `${total}`, most);
}

/**
 * Decompresses in memory.
 *
 * @param data - the payload
 * @throws RpmError `RPM_DAMAGED`
 */
export async function decompress(
  data: Buffer,
  compressor: StreamedPayload['compressor'],
  size: StreamedPayload['size'],
  subject: string,
): Promise<Buffer> {
  const most = largestSize(size);
  if (most > RATIO_APPLIES_ABOVE && most > data.length * MAX_RATIO) {
    const message = `the header declares an archive of ${most} bytes, ${Math.round(most / data.length)} times the payload's ${data.length} bytes, expected at most ${MAX_RATIO} times`;
    throw new RpmError('RPM_DAMAGED', subject, message);
  }
  const archive = Buffer.alloc(most);
  let end = 0;
  for await (const piece of decompressStream({ compressor, start: data, pieces: [data], size }, subject)) {
    archive.set(piece, end);
    end += piece.length;
  }
  return archive.subarray(0, end);
}

function largestSize(size: StreamedPayload['size']): number {
  return typeof size === 'number' ? size : size.atMost;
}

function payloadKind(start: Buffer, compressor: string | undefined, subject: string): keyof typeof DECOMPRESSORS {
  const isGzip = start.length >= 2 && start.readUInt16BE() === GZIP_MAGIC;
  const kind = compressor ?? (isGzip ? 'gzip' : 'none');
  if (isKnown(kind)) return kind;
  const message = `the payload is compressed by ${JSON.stringify(kind)}, expected zstd, xz, gzip or none`;
  throw new RpmError('RPM_DAMAGED', subject, message);
}

function isKnown(kind: string): kind is keyof typeof DECOMPRESSORS {
  return Object.hasOwn(DECOMPRESSORS, kind);
}

function gunzip(pieces: Pieces): AsyncIterable<Buffer> {
  // The error is thrown where the output is read.
  return pipeline(Readable.from(pieces, { objectMode: false }), createGunzip(), () => undefined);
}

function damaged(subject: string, cause: unknown): RpmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RpmError('RPM_DAMAGED', subject, `the payload can't be decompressed: ${reason}`, { cause });
}

function wrongSize(subject: string, found: string, expected: number): RpmError {
  const message = `the payload decompresses to ${found} bytes, expected ${expected}. Build or fetch it again.`;
  return new RpmError('RPM_DAMAGED', subject, message);
}
