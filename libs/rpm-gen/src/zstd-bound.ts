/**
 * The largest size to which zstd data can decompress, from the headers of its blocks (RFC 8878, 3.1.1). Nothing is decompressed. Pure.
 *
 *     frame   magic 28 b5 2f fd, descriptor (1): bits 0-1 size of the dictionary's id, 2 checksum, 5 single segment, 6-7 size of the content size
 *             window (1, absent for a single segment), dictionary's id (0, 1, 2, 4), content size (0 or 1, 2, 4, 8)
 *     block   header (3): bit 0 last, bits 1-2 type (0 raw, 1 repeated byte, 2 compressed), bits 3-23 size
 */
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAX_BLOCK = 128 * 1024;
const DICTIONARY_ID_SIZES = [0, 1, 2, 4];
const CONTENT_SIZE_SIZES = [0, 2, 4, 8];

/** Damaged data count as far as they can be read: the decoder refuses them. */
export function zstdUpperBound(data: Buffer): number {
  let total = 0;
  for (let at = 0; at + 5 <= data.length;) {
    const magic = data.readUInt32LE(at);
    if (magic >= SKIPPABLE && magic < SKIPPABLE + 16) {
      if (at + 8 > data.length) break;
      at += 8 + data.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== MAGIC) break;
    const descriptor = data.readUInt8(at + 4);
    const blocks = boundBlocks(data, at + 5 + headerSize(descriptor));
    total += blocks.total;
    at = blocks.end + ((descriptor & 4) === 0 ? 0 : 4);
  }
  return total;
}

function headerSize(descriptor: number): number {
  const isSingle = (descriptor & 32) !== 0;
  const contentSize = CONTENT_SIZE_SIZES[descriptor >> 6] ?? 0;
  return (
    (isSingle ? 0 : 1) + (DICTIONARY_ID_SIZES[descriptor & 3] ?? 0) + (contentSize === 0 && isSingle ? 1 : contentSize)
  );
}

function boundBlocks(data: Buffer, start: number): { total: number; end: number } {
  let total = 0;
  let at = start;
  while (at + 3 <= data.length) {
    const header = data.readUIntLE(at, 3);
    const [type, size] = [(header >> 1) & 3, header >> 3];
    at += 3 + (type === 1 ? 1 : size);
    total += type === 2 ? MAX_BLOCK : size;
    if ((header & 1) === 1) break;
  }
  return { total, end: at };
}
