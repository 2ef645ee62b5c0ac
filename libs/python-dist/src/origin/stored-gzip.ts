/** gzip without compression (RFC 1952, RFC 1951 3.2.4): its bytes do not depend on a library's version. */
import { crc32 } from 'node:zlib';

const LONGEST_BLOCK = 0xffff;
/** Magic number, deflate, no flags, no time, no hint, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

export function storedGzip(data: Buffer): Buffer {
  const pieces: Buffer[] = [HEADER];
  for (let start = 0; start === 0 || start < data.length; start += LONGEST_BLOCK) {
    const block = data.subarray(start, start + LONGEST_BLOCK);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + LONGEST_BLOCK >= data.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    pieces.push(head, block);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(data) >>> 0, 0);
  end.writeUInt32LE(data.length >>> 0, 4);
  return Buffer.concat([...pieces, end]);
}
