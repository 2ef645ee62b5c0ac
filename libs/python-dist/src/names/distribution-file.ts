// Name, size, digest and origin of a distribution's file.

/** The origin of a file that is not on an index. URLs have no credentials. */
export type FileOrigin =
  | { kind: 'url'; url: string }
  /** A file of the workspace; `path` is relative to its root. */
  | { kind: 'path'; path: string }
  /** An sdist that is packed from a commit. `requested` is the branch, tag or commit as written. */
  | { kind: 'git'; url: string; commit: string; requested?: string; subdirectory?: string };

/** A wheel or an sdist. `size` in bytes, `sha256` in hex. */
export interface WheelFile {
  name: string;
  size: number;
  sha256: string;
  /** Name of the index that reqset.json assigns the distribution to; absent if none is assigned. It names no host. */
  index?: string;
  /** Absent for a file of an index. */
  origin?: FileOrigin;
}
