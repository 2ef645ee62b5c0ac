// Creates files to publish from local files and from memory. They are digested before anything is uploaded.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { digestOfFile, localFailed } from '@pinpack/build-store/object-storage';
import { contentTypeOf } from './content-type.js';
import type { PublishedFile } from './publication-target.js';
import { sha256OfBytes } from './publication-record.js';

const PIECE = 1 << 18;

/**
 * A file on the local disk. It must not change until it is published: other content is rejected.
 *
 * @param path - path in the publication
 * @throws StoreError `STORE_LOCAL_FAILED`
 */
export async function publishedFile(path: string, file: string, contentType?: string): Promise<PublishedFile> {
  const digested = await digestOfFile(file).catch((error: unknown) => {
    throw localFailed(file, error);
  });
  const open = () => createReadStream(file, { highWaterMark: PIECE });
  return { ...digested, path, contentType: contentType ?? contentTypeOf(path), open };
}

/** A file in memory. */
export function publishedBytes(path: string, content: Uint8Array | string, contentType?: string): PublishedFile {
  const bytes = Buffer.from(content);
  return {
    path,
    contentType: contentType ?? contentTypeOf(path),
    size: bytes.length,
    sha256: sha256OfBytes(bytes),
    open: () => Readable.from([bytes]),
  };
}
