/** A wheel as a simple index lists it. */
export interface IndexedWheel {
  /** PEP 503 name of the distribution. */
  readonly name: string;
  /** As in the file name. */
  readonly version: string;
  /** `numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl`. */
  readonly fileName: string;
  /** In bytes. */
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** As in METADATA: `>=3.11`. */
  readonly requiresPython?: string;
  /** sha256 in hex of METADATA, which is served as `<wheel>.metadata` (PEP 658). */
  readonly metadataSha256?: string;
  /** The wheel's folder, relative to its project's page: `../../wheels`. */
  readonly folder: string;
}

/** URL of the wheel, relative to its project's page. */
export function urlOf({ folder, fileName }: IndexedWheel): string {
  return `${folder}/${encodeURIComponent(fileName)}`;
}
