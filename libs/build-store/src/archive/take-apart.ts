// Takes an Nx archive (a gzipped tar) apart into its largest file and the rest. In one pass: the file is written and digested while the archive is inflated.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzip, type ZlibOptions } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { PieceWriter } from '../content/file-pieces.js';
import type { Digested } from '../content/digest.js';
import { removeFile } from '../content/remove-file.js';
import { LARGEST_FRAME, type ArchiveFrame } from './archive-frame.js';

/** A file of this size or less is part of the frame. */
const SMALL = 4096;
const BLOCK = 512;
const PIECE = 1 << 18;
/** Inflated bytes beyond those of the archive. With more, gzip has saved something, and the archive is stored as it is. */
const MARGIN = { bytes: 64 * 1024, share: 0.1 };
/** The same for RPMs and wheels: executors have them in the store by their digests, and gzip makes the headers of RPMs with many files smaller. */
const PACKAGE_MARGIN = { ...MARGIN, share: 1 };
/** How an RPM and a zip start. */
const PACKAGES = ['edabeedb', '504b0304'];
const MAGIC_BYTES = 4;

export interface ApartArchive {
  frame: ArchiveFrame;
  content: Digested;
}

/**
 * @param archive - path and size of the archive
 * @param file - path of the content; must not exist. The caller removes it
 * @returns undefined for an archive that is to be stored as it is: compressible, with several large files, or not an archive
 */
export async function takeApart(
  archive: { path: string; size: number },
  file: string,
): Promise<ApartArchive | undefined> {
  const splitter = new Splitter(file, archive.size);
  try {
    const source = createReadStream(archive.path, { highWaterMark: PIECE });
    await pipeline(source, createGunzip({ chunkSize: PIECE }), async (pieces) => {
      for await (const piece of pieces as AsyncIterable<Buffer>) await splitter.add(piece);
    });
    return await splitter.finish();
  } catch {
    // Not an archive, or one that does not meet the conditions. An error of the disk also occurs when the archive is stored as it is.
    return undefined;
  } finally {
    await splitter.close();
  }
}

/** The same for an archive in memory. @returns also the bytes of the content */
export async function takeApartInMemory(archive: Buffer): Promise<(ApartArchive & { bytes: Buffer }) | undefined> {
  try {
    // Inflated by one or two calls of a thread instead of one for each 16 KiB.
    const options = { maxOutputLength: limitOf(archive.length, PACKAGE_MARGIN), chunkSize: limitOf(archive.length) };
    const tar = await inflate(archive, options);
    const { offset, size } = findLargestFile(tar);
    const bytes = tar.subarray(offset, offset + size);
    if (tar.length > limitFor(bytes.subarray(0, MAGIC_BYTES), archive.length)) return undefined;
    const frame = Buffer.concat([tar.subarray(0, offset), tar.subarray(offset + size)]);
    if (size <= SMALL || frame.length > LARGEST_FRAME) return undefined;
    return { frame: { bytes: frame, offset }, content: { size, sha256: sha256Of(bytes) }, bytes };
  } catch {
    return undefined;
  }
}

const inflate: (archive: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(gunzip);

function limitOf(archiveBytes: number, { bytes, share } = MARGIN): number {
  return Math.floor(archiveBytes * (1 + share)) + bytes;
}

/** @param magic - the first bytes of the largest file, if there is one so far */
function limitFor(magic: Buffer | undefined, archiveBytes: number): number {
  return limitOf(archiveBytes, PACKAGES.includes(magic?.toString('hex') ?? '') ? PACKAGE_MARGIN : MARGIN);
}

function findLargestFile(tar: Buffer): { offset: number; size: number } {
  let largest = { offset: 0, size: 0 };
  let at = 0;
  while (at < tar.length) {
    const size = sizeOf(tar.subarray(at, at + BLOCK));
    if (size > largest.size) largest = { offset: at + BLOCK, size };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (at !== tar.length) throw new Error('the archive is cut off');
  return largest;
}

/** The file whose content is written. */
interface LargeFile {
  target: FileHandle;
  writer: PieceWriter;
  /** Its first bytes, as far as they are known. */
  magic: Buffer;
  /** In the frame. */
  offset: number;
  size: number;
  hash: Hash;
}

class Splitter {
  private readonly frame: Buffer[] = [];
  private frameBytes = 0;
  private total = 0;
  /** The header that is being read. */
  private header = Buffer.alloc(0);
  /** What follows in the tar: the rest of a file's content, then its padding. */
  private rest = { content: 0, padding: 0, isLarge: false };
  private large: LargeFile | undefined;

  constructor(
    private readonly path: string,
    private readonly archiveBytes: number,
  ) {}

  async add(piece: Buffer): Promise<void> {
    this.total += piece.length;
    for (let at = 0; at < piece.length;) at += await this.take(piece.subarray(at));
    if (this.total > limitFor(this.large?.magic, this.archiveBytes)) throw new Error('the archive is compressible');
  }

  async finish(): Promise<ApartArchive | undefined> {
    await this.large?.writer.finish();
    const isComplete = this.header.length === 0 && this.rest.content + this.rest.padding === 0;
    if (!isComplete || this.large === undefined) return undefined;
    const { offset, size, hash } = this.large;
    return { frame: { bytes: Buffer.concat(this.frame), offset }, content: { size, sha256: hash.digest('hex') } };
  }

  async close(): Promise<void> {
    await this.large?.target.close();
  }

  /** @returns how many bytes were taken */
  private async take(bytes: Buffer): Promise<number> {
    const { rest } = this;
    if (rest.content > 0) {
      const own = bytes.subarray(0, rest.content);
      if (rest.isLarge) await this.write(own);
      else this.keep(own);
      rest.content -= own.length;
      return own.length;
    }
    if (rest.padding > 0) {
      const own = bytes.subarray(0, rest.padding);
      this.keep(own);
      rest.padding -= own.length;
      return own.length;
    }
    const own = bytes.subarray(0, BLOCK - this.header.length);
    this.header = Buffer.concat([this.header, own]);
    this.keep(own);
    if (this.header.length === BLOCK) await this.begin(sizeOf(this.header));
    return own.length;
  }

  /** Begins the content of a file. The content of a smaller one before becomes a part of the frame. */
  private async begin(size: number): Promise<void> {
    this.header = Buffer.alloc(0);
    const isLarge = size > SMALL && size > (this.large?.size ?? 0);
    this.rest = { content: size, padding: (BLOCK - (size % BLOCK)) % BLOCK, isLarge };
    if (!isLarge) return;
    if (this.large !== undefined) await this.putBack(this.large);
    const target = await open(this.path, 'wx', 0o600);
    this.large = {
      target,
      writer: new PieceWriter(target),
      magic: Buffer.alloc(0),
      offset: this.frameBytes,
      size,
      hash: createHash('sha256'),
    };
  }

  private async putBack({ target, writer, offset, size }: LargeFile): Promise<void> {
    if (this.frameBytes + size > LARGEST_FRAME) throw new Error('the archive has several large files');
    await writer.finish();
    await target.close();
    this.large = undefined;
    const all = Buffer.concat(this.frame);
    const content = await readFile(this.path);
    this.frame.splice(0, Infinity, all.subarray(0, offset), content, all.subarray(offset));
    this.frameBytes += size;
    await removeFile(this.path);
  }

  private async write(piece: Buffer): Promise<void> {
    const { large } = this;
    if (large === undefined) return;
    if (large.magic.length < MAGIC_BYTES) large.magic = Buffer.concat([large.magic, piece]).subarray(0, MAGIC_BYTES);
    large.hash.update(piece);
    await large.writer.write(piece);
  }

  private keep(piece: Buffer): void {
    this.frameBytes += piece.length;
    if (this.frameBytes > LARGEST_FRAME) throw new Error('the archive has many files');
    this.frame.push(Buffer.from(piece));
  }
}

/** POSIX ustar, "size": octal; in base 256 for 8 GiB and more. Zero blocks end an archive. */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136);
  if (((field[0] ?? 0) & 0x80) !== 0) throw new Error('a file of 8 GiB or more');
  const text = field.toString('latin1').replace(/[\0 ].*$/s, '');
  if (!/^[0-7]*$/.test(text)) throw new Error('not a tar archive');
  return text === '' ? 0 : Number.parseInt(text, 8);
}
