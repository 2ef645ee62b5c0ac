// Reads the wheels of a lock from dist/wheels for SBOMs, notices and the licence policy.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { LockedPackage } from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import { readDistribution, type Distribution, type Distributions } from '@pinpack/rpm-packaging/sbom';
import pLimit from 'p-limit';
import { PinpackError } from '../pinpack-error.js';
import { listFolder } from '../workspace/files.js';
import { findLockedWheel } from '../workspace/locked-wheel.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** By PEP 503 name. @throws PinpackError `PINPACK_NOT_BUILT` with every wheel that is missing or has another digest. @throws DistError for a damaged one */
export async function readDistributions(
  root: string,
  set: string,
  packages: readonly LockedPackage[],
): Promise<Distributions> {
  const { wheels } = reqsetPaths(set);
  const folder = join(root, wheels);
  const names = await listFolder(folder);
  const limit = pLimit(availableParallelism());
  const problems: string[] = [];
  const read = packages.map((locked) =>
    limit(async (): Promise<[string, Distribution][]> => {
      const { name, version, source } = locked;
      const file = findLockedWheel(names, locked);
      if (file === undefined) {
        problems.push(`the wheel of ${name} ${version} is missing`);
        return [];
      }
      const distribution = await readDistribution(join(folder, file));
      if ('wheel' in source && distribution.sha256 !== source.wheel.sha256)
        problems.push(`${file} has sha256=${distribution.sha256}, expected ${source.wheel.sha256} as in the lock`);
      return [[name, distribution]];
    }),
  );
  const found = new Map((await Promise.all(read)).flat());
  if (problems.length === 0) return found;
  throw new PinpackError('PINPACK_NOT_BUILT', wheels, [...problems, `Make them: nx run ${setLabel(set)}:wheel`]);
}
