/** Reads files of an image layout (image-spec v1.1, "Image Layout"), which is a folder, or a tar archive of one. */
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Header } from 'tar';
import type { ImageLocation } from './location.js';
import { OciError } from './oci-error.js';

/** Names are relative to the layout's root: `index.json`, `blobs/sha256/…`. */
export interface Layout {
  /** @throws OciError `OCI_NOT_FOUND` */
  stream(name: string): Promise<Readable>;
  /** A whole file, which must be no larger than `limit` bytes. */
  read(name: string, limit: number): Promise<Buffer>;
}

const BLOCK = 512;

/** @throws OciError `OCI_NOT_FOUND`, `OCI_DAMAGED` */
export async function openLayout({ kind, path }: ImageLocation): Promise<Layout> {
  if (kind === 'folder') return new FileLayout(path, (name) => ({ path: join(path, name), start: 0 }));
  const members = await readMembers(path).catch((cause: unknown) => {
    throw cause instanceof OciError ? cause : missing(path, 'it', cause);
  });
  return new FileLayout(path, (name) => members.get(name));
}

/** Where a file's bytes lie; to the end of the file where there is no size. */
interface Extent {
  path: string;
  start: number;
  size?: number;
}

class FileLayout implements Layout {
  constructor(
    private readonly subject: string,
    private readonly find: (name: string) => Extent | undefined,
  ) {}

  async stream(name: string): Promise<Readable> {
    const { path, start, size } = await this.locate(name);
    return size === 0 ? Readable.from([]) : createReadStream(path, { start, end: start + size - 1 });
  }

  async read(name: string, limit: number): Promise<Buffer> {
    const { path, start, size } = await this.locate(name);
    if (size > limit) {
      throw new OciError(
        'OCI_INVALID',
        `${this.subject}: ${name}`,
        `it takes ${size} bytes, expected ${limit} at most`,
      );
    }
    if (start === 0) return readFile(path);
    const file = await open(path);
    try {
      return (await file.read(Buffer.alloc(size), 0, size, start)).buffer;
    } finally {
      await file.close();
    }
  }

  private async locate(name: string): Promise<Required<Extent>> {
    const extent = this.find(name);
    if (extent === undefined) throw missing(this.subject, name);
    const size =
      extent.size ??
      (await stat(extent.path).catch((cause: unknown) => Promise.reject(missing(this.subject, name, cause)))).size;
    return { ...extent, size };
  }
}

function missing(subject: string, name: string, cause?: unknown): OciError {
  return new OciError(
    'OCI_NOT_FOUND',
    subject,
    [
      `${name} is not there`,
      'expected an OCI image layout. One is made by: skopeo copy docker://IMAGE oci:FOLDER:REFERENCE (or oci-archive:FILE.tar)',
    ],
    { cause },
  );
}

/** The archive's files by name. Its members are looked for, not read: an archive of gigabytes takes a moment. */
async function readMembers(path: string): Promise<Map<string, Extent>> {
  const members = new Map<string, Extent>();
  const file = await open(path);
  try {
    const block = Buffer.alloc(BLOCK);
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(block, 0, BLOCK, offset);
      const header = bytesRead === BLOCK ? new Header(block) : undefined;
      if (header === undefined || header.nullBlock) return members;
      if (!header.cksumValid) {
        throw new OciError(
          'OCI_DAMAGED',
          path,
          `no header of a tar archive at byte ${offset}. Make the archive again, uncompressed.`,
        );
      }
      const size = header.size ?? 0;
      const name = (header.path ?? '').replace(/^(?:\.?\/)+/, '');
      if (header.type === 'File' || header.type === 'OldFile') members.set(name, { path, start: offset + BLOCK, size });
      offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } finally {
    await file.close();
  }
}
