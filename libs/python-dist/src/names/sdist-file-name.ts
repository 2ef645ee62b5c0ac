// Parses file names of source distributions (PEP 625, and older conventions): `rpds_py-0.30.0.tar.gz`.
import { normalizeName } from './normalize-name.js';

export interface SdistFileName {
  /** PEP 503 name. */
  name: string;
  version: string;
}

/** @returns undefined if it is not the file name of an sdist in a supported format */
export function parseSdistFileName(fileName: string): SdistFileName | undefined {
  const [, name, version] = /^(\w[\w.-]*)-(\d[^-/]*)\.(?:tar\.gz|tgz|zip)$/.exec(fileName) ?? [];
  return name === undefined || version === undefined ? undefined : { name: normalizeName(name), version };
}
