// Of which earlier RPMs a release gets deltas. Pure.
import { compareEvr } from '@pinpack/rpm-gen';
import { deltaFileName, type PackageFile, type PublishedPackage } from '@pinpack/rpm-repo';
import type { PublishedRepository } from './published-rpms.js';

/** A package of an earlier release. */
export interface Baseline extends PublishedPackage {
  /** The release. */
  id: string;
}

/** The older versions that the releases have, newest release first, each version once. */
export function planBaselines(
  { name, evr, architecture }: Pick<PackageFile, 'name' | 'evr' | 'architecture'>,
  releases: readonly PublishedRepository[],
): Baseline[] {
  const all = releases.flatMap(({ id, record }) => record.packages.map((each): Baseline => ({ ...each, id })));
  const older = all.filter(
    (each) => each.name === name && each.architecture === architecture && compareEvr(each.evr, evr) < 0,
  );
  // By the delta's name: two RPMs of one version, which only differ in their bytes, can't both have one.
  const named = older.map(
    (each) => [deltaFileName({ name, architecture, oldEvr: each.evr, newEvr: evr }), each] as const,
  );
  return [...new Map([...named].reverse()).values()].sort((a, b) => compareEvr(b.evr, a.evr));
}
