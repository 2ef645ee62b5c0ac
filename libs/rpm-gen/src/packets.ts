/**
 * Parses OpenPGP packets (RFC 9580, "Packet Syntax"). Pure.
 *
 *     offset   size
 *      0       1      tag: 10ttttll with 1, 2 or 4 bytes of length (old format), or 11tttttt (new format)
 *      1       1–5    length of the body
 */
const ARMOR =
  /-----BEGIN PGP [A-Z ]+-----\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*\r?\n([A-Za-z0-9+/=\s]+?)(?:\r?\n=[A-Za-z0-9+/]{4})?\r?\n-----END PGP/g;

export interface Packet {
  tag: number;
  body: Buffer;
}

/** Of the packet that starts here. @returns undefined where none does */
export function packetTag(bytes: Buffer): number | undefined {
  const [first = 0] = bytes;
  if ((first & 0x80) === 0) return undefined;
  return isNew(first) ? first & 0x3f : (first >> 2) & 0x0f;
}

function isNew(first: number): boolean {
  return (first & 0xc0) === 0xc0;
}

/** @returns undefined where the bytes are not a sequence of whole packets */
export function readPackets(bytes: Buffer): Packet[] | undefined {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    const tag = packetTag(rest);
    const first = rest[0] ?? 0;
    const length = isNew(first) ? newLength(rest) : oldLength(rest, first & 3);
    if (tag === undefined || length === undefined || length.body + length.length > rest.length) return undefined;
    packets.push({ tag, body: rest.subarray(length.body, length.body + length.length) });
    at += length.body + length.length;
  }
  return packets;
}

/** The bytes inside of armored blocks, one after another; bytes without armor are returned as they are. */
export function dearmor(bytes: Buffer): Buffer {
  const blocks = [...bytes.toString('latin1').matchAll(ARMOR)];
  if (blocks.length === 0) return bytes;
  return Buffer.concat(blocks.map(([, base64 = '']) => Buffer.from(base64, 'base64')));
}

interface PacketLength {
  /** Offset of the body. */
  body: number;
  length: number;
}

function oldLength(bytes: Buffer, kind: number): PacketLength | undefined {
  const size = [1, 2, 4][kind];
  if (size === undefined || bytes.length < 1 + size) return undefined;
  return { body: 1 + size, length: bytes.readUIntBE(1, size) };
}

function newLength(bytes: Buffer): PacketLength | undefined {
  const first = bytes[1] ?? 255;
  if (first < 192) return { body: 2, length: first };
  if (first < 224) return { body: 3, length: ((first - 192) << 8) + (bytes[2] ?? 0) + 192 };
  if (first === 255 && bytes.length >= 6) return { body: 6, length: bytes.readUInt32BE(2) };
  // Lengths in parts are for data only.
  return undefined;
}
