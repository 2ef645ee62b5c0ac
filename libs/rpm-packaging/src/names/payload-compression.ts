// Chooses the payload compression of a set's RPMs: that of reqset.json, or the default for its fleet (docs/decisions/0013-compression.md).
import type { Pin } from '@pinpack/python-dist';
import { FLEETS, type Fleet } from './fleets.js';
import { parseCompression, type Compression } from '@pinpack/rpm-gen';

/** Of locks, and of files derived from them, that say nothing. Every supported fleet reads it. */
export const DEFAULT_COMPRESSION = 'zstd:3';

/** Of servers with pinpack-dnf, which download patches and packs: these are compressed themselves. */
const PATCHES = 'patches';

/**
 * Where deltas are applied, the server's own library repeats the compression: xz has the same bytes in all its versions, zstd hasn't. Where they aren't, every
 * upgrade is a whole RPM, and zstd at its best is nearly as small as xz and far quicker to unpack.
 */
function compressionOfFleet(fleet: string): string | undefined {
  const known: Readonly<Record<string, Fleet>> = FLEETS;
  return fleet === PATCHES ? 'none' : known[fleet]?.compression;
}

export const FLEET_NAMES: readonly string[] = [
  ...Object.entries(FLEETS).flatMap(([name, { compression }]) => (compression === undefined ? [] : [name])),
  PATCHES,
];

/** As reqset.json has them. */
export interface CompressionSettings {
  /** What the servers are. */
  fleet?: string | undefined;
  /** `xz:2`; goes before what suits the fleet. */
  compression?: string | undefined;
}

/** The compression of the lock; undefined if it has none. */
export function lockedCompression({ fleet, compression }: CompressionSettings): string | undefined {
  const chosen = compression ?? (fleet === undefined ? DEFAULT_COMPRESSION : compressionOfFleet(fleet));
  return chosen === DEFAULT_COMPRESSION ? undefined : chosen;
}

/** Of a pin or an application. @throws RpmError `RPM_COMPRESSION_INVALID` where the lock was not written by `lock` */
export function compressionOf({ compression = DEFAULT_COMPRESSION }: Pick<Pin, 'compression'>): Compression {
  return parseCompression(compression);
}
