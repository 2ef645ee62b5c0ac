/** Encodes a layer's tar archive (image-spec v1.1, "Image Layer Filesystem Changeset"): the same bytes for the same entries. Pure. */
import { Header, Pax, type HeaderData } from 'tar';

/** `path` is relative to the root, without a slash at either end. Modes are permission bits, times seconds since 1970. */
export interface LayerEntry {
  path: string;
  kind: 'file' | 'directory' | 'symlink';
  mode: number;
  mtime: number;
  /** Default 0, root. */
  uid?: number;
  /** Default 0, root. */
  gid?: number;
  /** Of a symlink. */
  target?: string;
  /** Of a file. */
  data?: Uint8Array;
}

const BLOCK = 512;
const TYPES = { file: 'File', directory: 'Directory', symlink: 'SymbolicLink' } as const;

/** The archive in chunks: entries sorted by the bytes of their paths, so that a folder comes before what is in it. */
export function* encodeLayer(entries: readonly LayerEntry[]): Generator<Uint8Array> {
  for (const entry of sortEntries(entries)) {
    yield* encodeHeader(entry);
    const { data } = entry;
    if (data === undefined || data.length === 0) continue;
    yield data;
    yield Buffer.alloc(padding(data.length));
  }
  // Two empty blocks end an archive.
  yield Buffer.alloc(2 * BLOCK);
}

/** Sorted by path. Of two entries with the same path, the first is kept. */
function sortEntries(entries: readonly LayerEntry[]): LayerEntry[] {
  const byPath = new Map([...entries].reverse().map((entry) => [entry.path, entry]));
  return [...byPath.values()]
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

function* encodeHeader({ path, kind, mode, mtime, uid = 0, gid = 0, target, data }: LayerEntry): Generator<Uint8Array> {
  const fields: HeaderData = {
    path: kind === 'directory' ? `${path}/` : path,
    type: TYPES[kind],
    mode,
    uid,
    gid,
    size: data?.length ?? 0,
    mtime: new Date(mtime * 1000),
    ...(target !== undefined && { linkpath: target }),
  };
  const header = new Header(fields);
  // What an ustar header can't hold, long paths for example, goes into a header of its own before it.
  if (header.encode()) yield new Pax(fields).encode();
  if (header.block !== undefined) yield header.block;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
