/** Bits of a file's mode and flags in the header (rpm.org, "RPM V4 header tags"). */
import type { RpmEntry } from './entry.js';

export const TYPE_BITS = {
  fifo: 0o010000,
  characterDevice: 0o020000,
  directory: 0o040000,
  blockDevice: 0o060000,
  file: 0o100000,
  hardlink: 0o100000,
  symlink: 0o120000,
} as const satisfies Record<RpmEntry['kind'], number>;

/** The bits that hold the type. */
export const TYPE_MASK = 0o170000;

export const FILE_FLAGS = {
  config: 1,
  doc: 2,
  missingOk: 8,
  noreplace: 16,
  specFile: 32,
  ghost: 64,
  license: 128,
  artifact: 4096,
} as const;
