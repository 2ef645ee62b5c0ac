// The file of the Python that a set brings along, `bundled/python/python.json`: the part of the lock that its RPM depends on. It is derived from pylock.toml,
// as the files of pins are.
import { sha256Of } from '@pinpack/common/digest';
import type { Lock, LockedInterpreter } from './lock.js';

/** Everything in a lock that determines the RPM of its Python. */
export interface BundledPython {
  /** Full version: `3.12.8` */
  version: string;
  platform: string;
  /** Whether the RPM contains the bytecode of the standard library. */
  bytecode: boolean;
  /** Compression of the payload; absent for the default. */
  compression?: string | undefined;
  interpreter: LockedInterpreter;
}

/** Undefined if the set uses the system's Python. */
export function bundledPythonOf({
  python,
  platform,
  bytecode,
  compression,
  interpreter,
}: Lock): BundledPython | undefined {
  return interpreter && { version: python, platform, bytecode, compression, interpreter };
}

export function formatBundledPython({ version, platform, bytecode, compression, interpreter }: BundledPython): string {
  const { kind, location, sha256, size, keep, release, time, recipe, source } = interpreter;
  const ordered = { kind, location, sha256, size, keep: [...keep].sort(), release, time, recipe, source };
  // JSON omits undefined values.
  return `${JSON.stringify({ version, platform, ...(bytecode && { bytecode }), compression, interpreter: ordered }, null, 2)}\n`;
}

/** sha256 in hex of the text without the location, which does not affect the output. */
export function bundledPythonDigest({ interpreter, ...rest }: BundledPython): string {
  return sha256Of(formatBundledPython({ ...rest, interpreter: { ...interpreter, location: '' } }));
}
