// Where deltas and repositories lie, relative to the workspace's root.
import { setLabel } from '@pinpack/rpm-packaging';

export interface RepositoryPaths {
  /** `reqset3`, `multi-py311` */
  label: string;
  repository: string;
  /** Of which inputs the repository is made. */
  stamp: string;
  deltas: string;
  /** Signed RPMs, below a folder for each key. */
  signed: string;
  /** RPMs of earlier releases, by their sha256. */
  published: string;
}

/** @param set - `reqset3`, `multi/py311` */
export function repositoryPaths(set: string): RepositoryPaths {
  const label = setLabel(set);
  return {
    label,
    repository: `dist/repo/${label}`,
    stamp: `dist/cache/repo/${label}.json`,
    deltas: `dist/deltas/${label}`,
    signed: `dist/cache/signed/${label}`,
    published: `dist/cache/published/${label}`,
  };
}
