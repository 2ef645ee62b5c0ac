/** A wheel as a simple index lists it. */
export interface IndexedWheel {
  /** Its distribution's PEP 503 name. */
  readonly name: string;
  /** As the file name has it. */
  readonly version: string;
  /** `numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl`. */
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** As METADATA has it: `>=3.11`. */
  readonly requiresPython?: string;
  /** sha256 in hex of METADATA, which lies beside the wheel with `.metadata` behind its name (PEP 658). */
  readonly metadataSha256?: string;
  /** Of the folder that it lies in, relative to its project's page: `../../wheels`. */
  readonly folder: string;
}

/** Where the wheel is found, relative to its project's page. */
export function urlOf({ folder, fileName }: IndexedWheel): string {
  return `${folder}/${encodeURIComponent(fileName)}`;
}
