// The least that a verified wheel costs besides compression, which the benchmark `write` measures: inflating its files, CRC-32, and sha256 of each byte
// twice (the file's and the canonical wheel's). Arguments: wheels.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

const DEFLATED = 8;

for (const path of process.argv.slice(2)) {
  const wheel = readFileSync(path);
  const canonical = createHash('sha256');
  // End record: 10 entries (2), 16 offset of the directory (4). The wheels of the benchmark are not zip64.
  const end = wheel.lastIndexOf('PK\x05\x06', wheel.length, 'latin1');
  let at = wheel.readUInt32LE(end + 16);
  for (let left = wheel.readUInt16LE(end + 10); left > 0; left--) {
    const data = inflate(wheel, at);
    if (crc32(data) !== wheel.readUInt32LE(at + 16)) throw new Error(`floor: ${path} is damaged`);
    createHash('sha256').update(data).digest('hex');
    canonical.update(data);
    at += 46 + wheel.readUInt16LE(at + 28) + wheel.readUInt16LE(at + 30) + wheel.readUInt16LE(at + 32);
  }
  canonical.digest('hex');
}

/** Central header: 10 method (2), 20 compressed size (4), 24 size (4), 42 offset of the local header (4), which has 26 and 28: sizes of name and extra field. */
function inflate(wheel, at) {
  const local = wheel.readUInt32LE(at + 42);
  const start = local + 30 + wheel.readUInt16LE(local + 26) + wheel.readUInt16LE(local + 28);
  const raw = wheel.subarray(start, start + wheel.readUInt32LE(at + 20));
  const size = wheel.readUInt32LE(at + 24);
  return wheel.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(raw, { chunkSize: Math.max(size + 1, 64) }) : raw;
}
