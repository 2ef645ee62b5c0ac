/** A file of a package, as callers describe it. */
export interface FileContent {
  data: Uint8Array;
  /** Hex. Trusted when given, so that the content isn't hashed twice. */
  sha256?: string;
}

export interface RpmEntry {
  /** Absolute; in a source package a plain name. */
  path: string;
  /** A hard link is one more name of a file of the package. */
  kind: 'file' | 'hardlink' | 'directory' | 'symlink' | 'fifo' | 'characterDevice' | 'blockDevice';
  /** Listed and erased with the package, yet not in the payload. */
  ghost?: boolean;
  /** Permission bits, with setuid, setgid and sticky; of no effect on symlinks and hard links. */
  mode: number;
  /** Of a symlink; of a hard link the path of the file. */
  target?: string;
  /** Bytes of a file; of a ghost what it is expected to take; of no effect elsewhere. */
  size: number;
  /** Of a device. */
  device?: { major: number; minor: number };
  /** Default root. */
  user?: string;
  /** Default root. */
  group?: string;
  /** Seconds since 1970. Default 1980-01-01: constant, so that deltas are small, and no earlier, so that zip takes it. */
  mtime?: number;
  config?: 'replace' | 'noreplace';
  doc?: boolean;
  license?: boolean;
  /** The spec file of a source package. */
  specFile?: boolean;
  /** Part of the package for technical reasons, such as a build id's link. */
  artifact?: boolean;
  /** `rpm -V` accepts that it is missing. */
  missingOk?: boolean;
  /** Installed only where this language is wanted: `fr`, `pt_BR`; several are joined by `|`. */
  language?: string;
  /** File capabilities as text (cap_from_text(3)): `cap_net_bind_service=ep`. */
  capabilities?: string;
  /** What `rpm -V` must not compare. */
  unverified?: VerifiedAspect[];
  /** Sum of the ELF classes in it, by which rpm resolves conflicts between architectures: 1 for 32-bit, 2 for 64-bit. */
  color?: 0 | 1 | 2 | 3;
  /** What file(1) says of it. */
  class?: string;
  /**
   * Of a file: its content as a whole.
   *
   * @param space - memory of the file's size in which the content may be put, to save a copy; valid until the next file is read
   */
  read?: (space?: Uint8Array) => Promise<FileContent> | FileContent;
  /** Of a file, in place of `read`: its content in pieces, for files that no buffer holds. A piece must not change after it was given. */
  stream?: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export type VerifiedAspect = 'digest' | 'size' | 'link' | 'user' | 'group' | 'mtime' | 'mode' | 'rdev' | 'capabilities';
