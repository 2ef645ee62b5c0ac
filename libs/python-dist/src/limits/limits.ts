// Limits on answers of indexes and on wheels, which come from others and may be endless or crafted to expand. nx.json can change each of them.

/** Limits on the answers of package indexes. */
export interface IndexLimits {
  /** Size of an index page in MiB, decompressed. */
  pageMiB: number;
  /** Total time for an index page or a METADATA file in seconds, with redirects and retries. */
  pageSeconds: number;
  /** Size in MiB of a file whose size the index does not state. */
  fileMiB: number;
  /** Total time for the download of a file in seconds, with redirects and retries. */
  fileSeconds: number;
  /** The least rate of a response in KiB per second, averaged over half a minute. */
  leastKiBPerSecond: number;
  /** Total time in seconds for one resolution by uv. */
  resolveSeconds: number;
}

/** Limits on the contents of wheels. */
export interface WheelLimits {
  /** Total size of a wheel's files in MiB, unpacked. */
  wheelMiB: number;
  /** The largest ratio of a wheel's unpacked size to the size of its file. It applies above 64 MiB, because small texts compress well. */
  wheelRatio: number;
  /** Number of files and folders in a wheel. */
  wheelFiles: number;
  /** Size of METADATA, WHEEL and other metadata files in MiB. RECORD may have 16 times as much. */
  metadataMiB: number;
}

export interface Limits extends IndexLimits, WheelLimits {}

/**
 * The largest wheels in use unpack from 900 MB to 2 GB, compress to a tenth, and have some ten thousand files. Pages of the largest projects
 * have 20 MiB.
 */
export const DEFAULT_LIMITS: Limits = {
  pageMiB: 64,
  pageSeconds: 300,
  fileMiB: 4096,
  fileSeconds: 6 * 3600,
  leastKiBPerSecond: 2,
  resolveSeconds: 3600,
  wheelMiB: 4096,
  wheelRatio: 50,
  wheelFiles: 250_000,
  metadataMiB: 4,
};

/** For wheels that have been checked when they were downloaded or built. */
export const NO_WHEEL_LIMITS: WheelLimits = {
  wheelMiB: Infinity,
  wheelRatio: Infinity,
  wheelFiles: Infinity,
  metadataMiB: Infinity,
};

export const MIB = 1024 * 1024;

/** The next step of an error about a limit. */
export function raiseLimit(setting: keyof Limits, { [setting]: value }: Partial<Limits>): string {
  return `The limit is "${setting}": ${String(value)}. If this is expected, raise it in nx.json, "limits" in the options of the plugin pinpack.`;
}
