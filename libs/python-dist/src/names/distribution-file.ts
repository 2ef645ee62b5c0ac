// Name, size and digest of a distribution's file.

/** A wheel or an sdist on an index. `size` in bytes, `sha256` in hex. */
export interface WheelFile {
  name: string;
  size: number;
  sha256: string;
}
