// What an RPM brings, as entries of a layer: its files with their modes and times, owned by root.
import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { execa } from 'execa';
import type { LayerEntry } from '@pinpack/oci-image';
import { parseCpio, readRpm, type HeaderTags } from '@pinpack/rpm-gen';
import { PackagingError } from '../packaging-error.js';
import { unpackStored } from './stored-wheel.js';

export interface RpmFacts {
  path: string;
  name: string;
  version: string;
  release: string;
  architecture: string;
  /** Of the file, in hex. */
  sha256: string;
  /** Bytes, installed. */
  size: number;
  /** `libc.so.6(GLIBC_2.14)(64bit)`, … */
  requires: string[];
}

const GHOST = 64;
const TYPE = 0o170000;
const KINDS = new Map<number, LayerEntry['kind']>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
]);

/** @throws RpmError where the header is damaged */
export async function readRpmFacts(path: string): Promise<RpmFacts> {
  const data = await readFile(path);
  const { header } = readRpm(data, basename(path));
  const { NAME = '', VERSION = '', RELEASE = '', ARCH = '', REQUIRENAME = [] } = header;
  return {
    path,
    name: NAME,
    version: VERSION,
    release: RELEASE,
    architecture: ARCH,
    sha256: sha256Of(data),
    size: (header.LONGSIZE ?? header.SIZE)?.[0] ?? 0,
    requires: REQUIRENAME,
  };
}

/** Of a wheel RPM of either layout: the files of the wheel, unpacked. */
export async function readWheelEntries(rpm: RpmFacts): Promise<LayerEntry[]> {
  return unpackStored(await readRpmEntries(rpm));
}

/** @throws RpmError, PackagingError `PINPACK_IMAGE_PAYLOAD` where the payload is damaged */
export async function readRpmEntries({ path, sha256 }: RpmFacts): Promise<LayerEntry[]> {
  const data = await readFile(path);
  const subject = basename(path);
  const { header, payloadOffset } = readRpm(data, subject);
  const isIntact = header.PAYLOADDIGEST?.[0] === sha256Of(data.subarray(payloadOffset));
  if (!isIntact || sha256Of(data) !== sha256) {
    throw new PackagingError('PINPACK_IMAGE_PAYLOAD', subject, [
      'its content is not what its header says, or it changed while it was read',
      'Make it again with --skip-nx-cache',
    ]);
  }
  return planEntries(header, parseCpio(await unpackPayload(data, subject), subject), subject);
}

/** Of whatever compression: rpm's own program knows them all. */
async function unpackPayload(rpm: Buffer, subject: string): Promise<Buffer> {
  const result = await execa('rpm2cpio', ['-'], {
    input: rpm,
    encoding: 'buffer',
    maxBuffer: constants.MAX_LENGTH,
    stripFinalNewline: false,
    reject: false,
  });
  if (result.failed) {
    throw new PackagingError('PINPACK_IMAGE_PAYLOAD', subject, `rpm2cpio: ${result.shortMessage}`, { cause: result });
  }
  const { buffer, byteOffset, length } = result.stdout;
  return Buffer.from(buffer, byteOffset, length);
}

/** Pure: the header's files with the archive's contents; ghosts are none. */
export function planEntries(header: HeaderTags, contents: ReadonlyMap<string, Buffer>, subject: string): LayerEntry[] {
  const { BASENAMES = [], DIRNAMES = [], DIRINDEXES = [], FILEMODES = [], FILEMTIMES = [], FILELINKTOS = [] } = header;
  return BASENAMES.flatMap((name, at): LayerEntry[] => {
    if (((header.FILEFLAGS?.[at] ?? 0) & GHOST) !== 0) return [];
    const path = `${DIRNAMES[DIRINDEXES[at] ?? -1] ?? ''}${name}`;
    const bits = FILEMODES[at] ?? 0;
    const kind = KINDS.get(bits & TYPE);
    const data = contents.get(path);
    if (kind === undefined || data === undefined) {
      throw new PackagingError('PINPACK_IMAGE_PAYLOAD', subject, `${path} is not in its payload as its header has it`);
    }
    const common = { path: path.slice(1), kind, mode: bits & 0o7777, mtime: FILEMTIMES[at] ?? 0 };
    if (kind === 'symlink') return [{ ...common, target: FILELINKTOS[at] ?? '' }];
    return [kind === 'file' ? { ...common, data } : common];
  });
}

function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
