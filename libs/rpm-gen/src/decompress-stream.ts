/** Decompresses payloads piece by piece. */
import { pipeline, Readable, type Duplex } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decompressPieces } from '@pinpack/compression';
import { damaged, payloadKind, wrongSize, type PayloadKind } from './decompress.js';
import { RpmError } from './errors.js';

export interface StreamedPayload {
  /** PAYLOADCOMPRESSOR of the header. */
  compressor: string | undefined;
  /** The first bytes of the payload. */
  start: Buffer;
  pieces: AsyncIterable<Buffer>;
  /** Bytes of the archive. */
  size: number | { atMost: number };
}

/** @throws RpmError `RPM_DAMAGED` */
export async function* decompressStream(
  { compressor, start, pieces, size }: StreamedPayload,
  subject: string,
): AsyncGenerator<Buffer, void, undefined> {
  const most = typeof size === 'number' ? size : size.atMost;
  let total = 0;
  try {
    for await (const piece of open(payloadKind(start, compressor, subject), pieces)) {
      total += piece.length;
      if (total > most) throw wrongSize(subject, 'more', most);
      yield piece;
    }
  } catch (error) {
    throw error instanceof RpmError ? error : damaged(subject, error);
  }
  if (total < most && size === most) throw wrongSize(subject, `${total}`, most);
}

function open(kind: PayloadKind, pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  switch (kind) {
    case 'none':
      return pieces;
    case 'zstd':
      return decompressPieces('zstd', pieces);
    case 'gzip':
      return through(pieces, createGunzip());
    case 'xz':
    case 'lzma':
      return decompressPieces('xz', pieces);
  }
}

function through(pieces: AsyncIterable<Buffer>, decompressor: Duplex): AsyncIterable<Buffer> {
  // The error is thrown where the output is read.
  return pipeline(Readable.from(pieces, { objectMode: false }), decompressor, () => undefined);
}
