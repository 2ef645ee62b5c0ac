// Encodes bytes as gzip (RFC 1952) with stored blocks (RFC 1951, "Non-compressed blocks"): Nx's client expects gzip, and the outputs are compressed already.
import { crc32 } from 'node:zlib';

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const TRAILER_BYTES = 8;
const BLOCK_HEADER_BYTES = 5;
const LARGEST_BLOCK = 0xffff;

/** The size of the gzip file for this number of bytes. */
export function storedGzipSize(bytes: number): number {
  const blocks = Math.max(1, Math.ceil(bytes / LARGEST_BLOCK));
  return HEADER.length + blocks * BLOCK_HEADER_BYTES + bytes + TRAILER_BYTES;
}

/** Encodes pieces whose number of bytes is known before. */
export class StoredGzip {
  private crc = 0;
  private left: number;
  private leftInBlock = 0;
  private hasBegun = false;

  constructor(private readonly bytes: number) {
    this.left = bytes;
  }

  /** @returns buffers that refer to the piece */
  add(piece: Uint8Array): Uint8Array[] {
    this.crc = crc32(piece, this.crc);
    const encoded = this.begin();
    for (let at = 0; at < piece.length;) {
      if (this.leftInBlock === 0) encoded.push(this.blockHeader());
      const part = piece.subarray(at, at + this.leftInBlock);
      encoded.push(part);
      at += part.length;
      this.leftInBlock -= part.length;
      this.left -= part.length;
    }
    return encoded;
  }

  /** @throws RangeError if the pieces were not as many bytes as announced */
  finish(): Uint8Array[] {
    if (this.left !== 0) throw new RangeError(`${this.left} of ${this.bytes} bytes are missing`);
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(this.crc, 0);
    trailer.writeUInt32LE(this.bytes % 2 ** 32, 4);
    return [...this.begin(), ...(this.bytes === 0 ? [this.blockHeader()] : []), trailer];
  }

  private begin(): Uint8Array[] {
    if (this.hasBegun) return [];
    this.hasBegun = true;
    return [HEADER];
  }

  private blockHeader(): Uint8Array {
    const size = Math.min(LARGEST_BLOCK, this.left);
    if (size === 0 && this.bytes > 0) throw new RangeError(`more than ${this.bytes} bytes`);
    const isLast = size === this.left;
    this.leftInBlock = size;
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    header.writeUInt8(isLast ? 1 : 0, 0);
    header.writeUInt16LE(size, 1);
    header.writeUInt16LE(size ^ 0xffff, 3);
    return header;
  }
}
