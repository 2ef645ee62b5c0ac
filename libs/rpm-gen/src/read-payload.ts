/** Reads the files of an RPM: the header's list with the contents from the payload. Ghosts have none and are left out. */
import { decompress } from './decompress.js';
import { checkContent } from './check-payload.js';
import { RpmError } from './errors.js';
import { listFiles, type ListedFile } from './file-list.js';
import { parseCpio } from './read-cpio.js';
import { readRpm, type ReadRpm } from './read.js';

export interface PayloadFile extends Pick<ListedFile, 'path' | 'kind' | 'mode' | 'mtime'> {
  /** Of a symlink. */
  target?: string;
  /** Content of a file; a view of the decompressed archive. */
  data?: Buffer;
}

/**
 * The files in the header's order. The compressed payload is compared with the header's digest before it is decompressed.
 * At most one archive is in memory besides the RPM.
 *
 * @throws RpmError `RPM_DAMAGED`
 */
export async function readPayload(rpm: Uint8Array, subject = 'RPM'): Promise<PayloadFile[]> {
  const files = listFiles(readRpm(rpm, subject).header);
  const contents = parseCpio(await unpackPayload(rpm, subject), files, subject);
  // The content of a file with several names is stored with the last of them.
  const stored = new Map(files.map(({ path, inode }) => [inode, contents.get(path)]));
  return files
    .filter(({ isGhost }) => !isGhost)
    .map(({ path, kind, mode, mtime, size, target, inode }) => {
      const own = contents.get(path);
      const content = own?.length === 0 && size > 0 && inode !== 0 ? stored.get(inode) : own;
      const common = { path, kind, mode, mtime };
      if (content === undefined) throw new RpmError('RPM_DAMAGED', subject, `the payload lacks ${path}`);
      if (kind !== 'file') return kind === 'symlink' ? { ...common, target } : common;
      if (content.length === size) return { ...common, data: content };
      const message = `${path} has ${content.length} bytes in the payload, expected ${size}. Build or fetch it again.`;
      throw new RpmError('RPM_DAMAGED', subject, message);
    });
}

/**
 * The archive inside an RPM. The compressed payload is compared with the header's digest before it is decompressed.
 *
 * @throws RpmError `RPM_DAMAGED`
 */
export async function unpackPayload(rpm: Uint8Array, subject = 'RPM'): Promise<Buffer> {
  const read = readRpm(rpm, subject);
  const { header, payloadOffset } = read;
  const file = Buffer.from(rpm.buffer, rpm.byteOffset, rpm.byteLength);
  const data = file.subarray(payloadOffset);
  checkContent(read, file, data, subject);
  const size = archiveSizeOf(read, listFiles(header));
  return decompress(data, header.PAYLOADCOMPRESSOR, size, subject);
}

/** Bytes of the archive, or what they can be at most. */
export function archiveSizeOf(
  { header, signature }: Pick<ReadRpm, 'header' | 'signature'>,
  files: readonly ListedFile[],
): number | { atMost: number } {
  const size = (header.PAYLOADSIZEALT ?? signature.LONGARCHIVESIZE ?? signature.PAYLOADSIZE)?.[0];
  // rpm doesn't compare it: rpmpack, which nfpm uses, writes the sum of the files' sizes instead, and rpm-rs nothing.
  const least = files.filter(({ isGhost }) => !isGhost).length * 14;
  const isArchiveSize = size !== undefined && size >= least && size !== sumOf(files);
  return isArchiveSize ? size : { atMost: largestArchive(files) };
}

function sumOf(files: readonly ListedFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Each member has 110 bytes, its name and at most 6 of padding; the last one is empty. */
function largestArchive(files: readonly ListedFile[]): number {
  const overhead = 128;
  return files.reduce((sum, { path, size }) => sum + overhead + Buffer.byteLength(path) + size, overhead + 512);
}
