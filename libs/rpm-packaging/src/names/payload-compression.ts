// Chooses the payload compression of a set's RPMs: that of reqset.json, or the default for its fleet (docs/decisions/0013-compression.md).
import type { Pin } from '@pinpack/python-dist';
import { parseCompression, type Compression } from '@pinpack/rpm-gen';

/** Of locks, and of files derived from them, that say nothing. */
const DEFAULT = 'zstd:3';

/**
 * Where deltas are applied, the server's own library repeats the compression: xz has the same bytes in all its versions, zstd hasn't. Where they aren't, every
 * upgrade is a whole RPM, and zstd at its best is nearly as small as xz and far quicker to unpack.
 */
const FLEETS: Readonly<Record<string, string>> = {
  el8: 'xz:2',
  el9: 'xz:2',
  el10: 'zstd:19',
  fedora: 'zstd:19',
  suse: 'xz:2',
  // Servers with pinpack-dnf download patches and packs, which are compressed themselves.
  patches: 'none',
};

export const FLEET_NAMES: readonly string[] = Object.keys(FLEETS);

/** As reqset.json has them. */
export interface CompressionSettings {
  /** What the servers are. */
  fleet?: string | undefined;
  /** `xz:2`; goes before what suits the fleet. */
  compression?: string | undefined;
}

/** The compression of the lock; undefined if it has none. */
export function lockedCompression({ fleet, compression }: CompressionSettings): string | undefined {
  const chosen = compression ?? (fleet === undefined ? DEFAULT : FLEETS[fleet]);
  return chosen === DEFAULT ? undefined : chosen;
}

/** Of a pin or an application. @throws RpmError `RPM_COMPRESSION_INVALID` where the lock was not written by `lock` */
export function compressionOf({ compression = DEFAULT }: Pick<Pin, 'compression'>): Compression {
  return parseCompression(compression);
}
