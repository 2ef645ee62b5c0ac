// A file of a distribution, by name, size and digest.

/** A wheel or an sdist as an index offers it. `size` in bytes, `sha256` in hex. */
export interface WheelFile {
  name: string;
  size: number;
  sha256: string;
}
