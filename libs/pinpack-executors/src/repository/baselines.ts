// Plans the earlier RPMs against which deltas are made. Pure.
import { compareEvr } from '@pinpack/rpm-gen';
import { deltaFileName, type PackageFile, type PublishedPackage } from '@pinpack/rpm-repo';
import type { PublishedRepository } from './published-rpms.js';

/** A package of an earlier publication. */
export interface Baseline extends PublishedPackage {
  /** The publication. */
  id: string;
}

/** The older versions in the publications, newest first, each version once. @param publications - newest first */
export function planBaselines(
  { name, evr, architecture }: Pick<PackageFile, 'name' | 'evr' | 'architecture'>,
  publications: readonly PublishedRepository[],
): Baseline[] {
  const all = publications.flatMap(({ id, record }) => record.packages.map((each): Baseline => ({ ...each, id })));
  const older = all.filter(
    (each) => each.name === name && each.architecture === architecture && compareEvr(each.evr, evr) < 0,
  );
  // Unique by the delta's name: two RPMs with the same version but different bytes would have the same delta.
  const named = older.map(
    (each) => [deltaFileName({ name, architecture, oldEvr: each.evr, newEvr: evr }), each] as const,
  );
  return [...new Map([...named].reverse()).values()].sort((a, b) => compareEvr(b.evr, a.evr));
}
