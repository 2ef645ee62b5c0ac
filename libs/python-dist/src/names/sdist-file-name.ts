// The file name of a source distribution (PEP 625, and what was usual before it): `rpds_py-0.30.0.tar.gz`.
import { normalizeName } from './normalize-name.js';

export interface SdistFileName {
  /** PEP 503 name. */
  name: string;
  version: string;
}

/** @returns undefined where it is no file name of an sdist that can be unpacked */
export function parseSdistFileName(fileName: string): SdistFileName | undefined {
  const [, name, version] = /^(\w[\w.-]*)-(\d[^-/]*)\.(?:tar\.gz|tgz|zip)$/.exec(fileName) ?? [];
  return name === undefined || version === undefined ? undefined : { name: normalizeName(name), version };
}
