/**
 * Reads and writes OpenPGP packets, multiprecision integers and ASCII armor (RFC 9580, "Packet Syntax", "Multiprecision Integers" and "ASCII Armor";
 * the forms of RFC 4880, which rpm 4 reads). Pure. Invalid input is a RangeError, which callers turn into an error about their file.
 */

export const TAG = { signature: 2, secretKey: 5, publicKey: 6, secretSubkey: 7, userId: 13, publicSubkey: 14 } as const;

export interface Packet {
  tag: number;
  body: Buffer;
}

export function readPackets(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes.readUInt8(at);
    if ((first & 0x80) === 0) throw new RangeError(`found no OpenPGP packet at offset ${at}`);
    const isNew = (first & 0x40) !== 0;
    const { start, length } = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 3);
    if (start + length > bytes.length) throw new RangeError(`the OpenPGP packet at offset ${at} is cut off`);
    packets.push({ tag: isNew ? first & 0x3f : (first >> 2) & 0x0f, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

function oldLength(bytes: Buffer, at: number, kind: number): { start: number; length: number } {
  const size = [1, 2, 4][kind];
  if (size === undefined) throw new RangeError('found an OpenPGP packet of indeterminate length');
  return { start: at + size, length: bytes.readUIntBE(at, size) };
}

/** Also that of subpackets, which have no partial lengths. */
export function newLength(bytes: Buffer, at: number, isSubpacket = false): { start: number; length: number } {
  const first = bytes.readUInt8(at);
  if (first < 192) return { start: at + 1, length: first };
  if (first === 255) return { start: at + 5, length: bytes.readUInt32BE(at + 1) };
  if (first >= 224 && !isSubpacket) throw new RangeError('found an OpenPGP packet of partial lengths');
  return { start: at + 2, length: ((first - 192) << 8) + bytes.readUInt8(at + 1) + 192 };
}

/** With a header of the old format, as gpg writes it. */
export function writePacket(tag: number, body: Uint8Array): Buffer {
  const size = body.length < 0x100 ? 1 : body.length < 0x10000 ? 2 : 4;
  const header = Buffer.alloc(1 + size);
  header.writeUInt8(0x80 | (tag << 2) | (size >> 1), 0);
  header.writeUIntBE(body.length, 1, size);
  return Buffer.concat([header, body]);
}

/** A position in a packet's body. */
export class Cursor {
  constructor(
    readonly bytes: Buffer,
    public at = 0,
  ) {}

  take(size: number): Buffer {
    if (this.at + size > this.bytes.length) throw new RangeError('an OpenPGP packet is cut off');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  number(size: 2 | 4): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** Without leading zeros. */
  mpi(): Buffer {
    return this.take(Math.ceil(this.number(2) / 8));
  }

  rest(): Buffer {
    return this.take(this.bytes.length - this.at);
  }
}

export function encodeMpi(value: Uint8Array): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(0) : Buffer.from(value.subarray(start));
  const bits = digits.length === 0 ? 0 : digits.length * 8 - (Math.clz32(digits.readUInt8(0)) - 24);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bits);
  return Buffer.concat([length, digits]);
}

export type ArmorKind = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK' | 'SIGNATURE';

export function armor(kind: ArmorKind, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const block = [`-----BEGIN PGP ${kind}-----`, '', ...lines, `=${checksum(bytes)}`, `-----END PGP ${kind}-----`];
  return `${block.join('\n')}\n`;
}

/** The bytes of all armored blocks of a kind. */
export function dearmor(kind: ArmorKind, text: string): Buffer {
  const block = new RegExp(`^-----BEGIN PGP ${kind}-----\\s*?\\n([^]*?)^-----END PGP ${kind}-----`, 'gm');
  const blocks = [...text.replaceAll('\r\n', '\n').matchAll(block)].map(([, inside = '']) => decodeBlock(inside));
  if (blocks.length === 0) throw new RangeError(`found no armored OpenPGP data (BEGIN PGP ${kind})`);
  return Buffer.concat(blocks);
}

function decodeBlock(inside: string): Buffer {
  // An empty line ends the headers.
  const lines = inside.slice(/^\s*$/m.exec(inside)?.index ?? 0).split('\n');
  const sum = lines.find((line) => line.startsWith('='))?.trim();
  const text = lines
    .filter((line) => !line.startsWith('='))
    .join('')
    .replaceAll(/\s/g, '');
  const bytes = Buffer.from(text, 'base64');
  if (sum !== undefined && sum !== `=${checksum(bytes)}`) throw new RangeError('the armored OpenPGP data is damaged');
  return bytes;
}

/** CRC-24 in base64. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb);
    crc &= 0xffffff;
  }
  const three = Buffer.alloc(3);
  three.writeUIntBE(crc, 0, 3);
  return three.toString('base64');
}
