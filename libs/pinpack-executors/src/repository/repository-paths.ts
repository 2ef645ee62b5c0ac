// Paths of deltas and repositories, relative to the workspace's root.
import { setLabel } from '@pinpack/rpm-packaging';

export interface RepositoryPaths {
  /** `reqset3`, `multi-py311` */
  label: string;
  repository: string;
  /** The digests of the inputs and files of the repository. */
  stamp: string;
  deltas: string;
  patches: string;
  /** Signed RPMs, in one folder per key. */
  signed: string;
  /** RPMs of earlier publications, named by sha256. */
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
    patches: `dist/patches/${label}`,
    signed: `dist/cache/signed/${label}`,
    published: `dist/cache/published/${label}`,
  };
}
