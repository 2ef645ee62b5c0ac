// Name, size and digest of a distribution's file.

/** A wheel or an sdist on an index. `size` in bytes, `sha256` in hex. */
export interface WheelFile {
  name: string;
  size: number;
  sha256: string;
  /** Name of the index that reqset.json assigns the distribution to; absent if none is assigned. It names no host. */
  index?: string;
}
