/**
 * The lead: 96 bytes that only `file` still reads, yet rpm refuses a package without them (rpm.org, "RPM V4 Package format").
 *
 *     offset size
 *      0      4   magic ed ab ee db
 *      4      2   format version 3.0
 *      6      2   type: 0 binary, 1 source
 *      8      2   architecture number
 *     10     66   name-[epoch:]version-release, NUL-terminated
 *     76      2   operating system: 1 Linux
 *     78      2   signature type: 5, a header
 *     80     16   reserved
 */
import { factsOf } from './architectures.js';
import { RpmError } from './errors.js';
import { formatEvr } from './evr.js';
import type { RpmSpec } from './spec.js';

export const LEAD_SIZE = 96;
const MAGIC = 0xedabeedb;
const NAME_SIZE = 66;
/** 3 for formats 3 and 4, 4 for format 6. */
const MAJOR_VERSIONS = [3, 4];
const HEADER_SIGNATURE = 5;

export interface Lead {
  name: string;
  type: 'binary' | 'source';
  architectureNumber: number;
}

/** In format 6 the version is 4.0, and architecture and operating system are zeros. */
export function encodeLead(spec: RpmSpec, format: 4 | 6 = 4): Uint8Array {
  const lead = Buffer.alloc(LEAD_SIZE);
  lead.writeUInt32BE(MAGIC, 0);
  lead.writeUInt16BE(format === 4 ? 0x0300 : 0x0400, 4);
  lead.writeUInt16BE(spec.source === undefined ? 0 : 1, 6);
  if (format === 4) lead.writeUInt16BE(factsOf(spec.architecture).number, 8);
  lead.write(`${spec.name}-${formatEvr(spec)}`, 10, NAME_SIZE - 1, 'utf8');
  if (format === 4) lead.writeUInt16BE(1, 76);
  lead.writeUInt16BE(HEADER_SIGNATURE, 78);
  return lead;
}

export function decodeLead(bytes: Buffer, subject: string): Lead {
  if (bytes.length < LEAD_SIZE || bytes.readUInt32BE(0) !== MAGIC) {
    throw new RpmError(
      'RPM_DAMAGED',
      subject,
      'found no RPM lead, expected 96 bytes that start with ed ab ee db. Build or fetch it again.',
    );
  }
  const major = bytes.readUInt8(4);
  const signature = bytes.readUInt16BE(78);
  if (!MAJOR_VERSIONS.includes(major) || signature !== HEADER_SIGNATURE) {
    const found = `a lead of version ${major} with a signature of type ${signature}`;
    const expected = `version ${MAJOR_VERSIONS.join(' or ')} and type ${HEADER_SIGNATURE}`;
    throw new RpmError('RPM_DAMAGED', subject, `found ${found}, expected ${expected}. Build or fetch it again.`);
  }
  const name = bytes.subarray(10, 10 + NAME_SIZE);
  const end = name.indexOf(0);
  return {
    name: name.toString('utf8', 0, end < 0 ? NAME_SIZE : end),
    type: bytes.readUInt16BE(6) === 1 ? 'source' : 'binary',
    architectureNumber: bytes.readUInt16BE(8),
  };
}
