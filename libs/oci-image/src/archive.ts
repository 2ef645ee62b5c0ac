/** Encodes an image layout as one tar archive (`oci-archive:` of skopeo and podman): the same bytes for the same image. */
import type { Readable } from 'node:stream';
import { Header } from 'tar';
import type { Descriptor } from './image.js';
import { INDEX } from './media-types.js';
import { encodeDocument, type Document } from './plan-image.js';

export interface Blob {
  descriptor: Descriptor;
  /** The content; must match the descriptor. */
  open: () => Promise<Readable> | Iterable<Uint8Array>;
}

export interface ArchivedImage {
  manifest: Document;
  /** Of the manifest in the index: the image's name among them. */
  annotations: Record<string, string>;
  /** Config and layers; what is there twice is written once. */
  blobs: readonly Blob[];
  /** Of all members, seconds since 1970. */
  mtime: number;
}

const BLOCK = 512;

/** The archive in chunks; nothing but the chunk at hand is in memory. */
export async function* encodeArchive({
  manifest,
  annotations,
  blobs,
  mtime,
}: ArchivedImage): AsyncGenerator<Uint8Array> {
  const { digest, size, mediaType } = manifest.descriptor;
  const index = encodeDocument(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [{ mediaType, digest, size, annotations }],
  });
  const own: Blob = { descriptor: manifest.descriptor, open: () => [manifest.data] };
  const unique = new Map([own, ...blobs].map((blob) => [blob.descriptor.digest, blob]));
  yield* encodeMember('oci-layout', mtime, Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  yield* encodeMember('index.json', mtime, index.data);
  for (const folder of ['blobs/', 'blobs/sha256/']) yield encodeHeader(folder, mtime, 0);
  for (const [name, blob] of [...unique].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield encodeHeader(`blobs/${name.replace(':', '/')}`, mtime, blob.descriptor.size);
    yield* content(blob);
    yield padding(blob.descriptor.size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function* content({ open }: Blob): AsyncGenerator<Uint8Array> {
  for await (const chunk of await open()) yield chunk as Uint8Array;
}

function* encodeMember(path: string, mtime: number, data: Buffer): Generator<Uint8Array> {
  yield encodeHeader(path, mtime, data.length);
  yield data;
  yield padding(data.length);
}

function encodeHeader(path: string, mtime: number, size: number): Uint8Array {
  const isFolder = path.endsWith('/');
  const header = new Header({
    path,
    type: isFolder ? 'Directory' : 'File',
    mode: isFolder ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: new Date(mtime * 1000),
  });
  header.encode();
  return header.block ?? Buffer.alloc(BLOCK);
}

function padding(size: number): Uint8Array {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
