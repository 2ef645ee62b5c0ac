// The packages of a repository: the RPMs of a set as they are released, with what its record and its advisories tell of them.
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { isWheelOf, openWheel } from '@pinpack/python-dist';
import type { Link, RepositoryPackage, RepositoryRecord, Signer } from '@pinpack/rpm-repo';
import pLimit from 'p-limit';
import { exactRequires } from '../rpms/find-rpm.js';
import { linksOf } from './links.js';
import { releaseRpm, type ReleaseRpm } from './release-rpm.js';
import { findSetRpms, type SetRpm } from '../rpms/set-rpms.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** A package, and its RPM as it is published. */
export interface PublishableRpm extends RepositoryPackage {
  rpm: ReleaseRpm;
}

export interface PackagesRequest {
  root: string;
  set: string;
  signer: Signer | undefined;
  previous: RepositoryRecord | undefined;
}

/** Sorted by name. @throws RpmError, RepoError, PinpackError `PINPACK_RPM_MISSING` */
export async function readPackages(order: PackagesRequest): Promise<PublishableRpm[]> {
  const { root, set, signer } = order;
  // gpg signs one after the other; what is read and digested needs a processor.
  const limit = pLimit(2 * availableParallelism());
  const rpms = await findSetRpms(root, set);
  return Promise.all(
    rpms.map((one) =>
      limit(async () => packageOf(order, one, await releaseRpm(root, set, join(root, one.file), signer))),
    ),
  );
}

async function packageOf(order: PackagesRequest, one: SetRpm, rpm: ReleaseRpm): Promise<PublishableRpm> {
  const { name, evr, architecture, size, sha256, header } = rpm.facts;
  const isChanged = order.previous?.packages.find((each) => each.name === name)?.evr !== evr;
  return {
    ...{ name, evr, architecture, size, sha256 },
    file: `packages/${basename(one.file)}`,
    unsigned: rpm.unsigned,
    ...(one.pin !== undefined && { pin: one.pin }),
    closure: exactRequires(header).map((required) => required.name),
    // Wheels are only opened for an advisory.
    links: isChanged && order.previous !== undefined ? await readLinks(order, one) : [],
    rpm,
  };
}

/** None where the wheel isn't there any more: the RPM is all that is needed. */
async function readLinks({ root, set }: PackagesRequest, { pin }: SetRpm): Promise<Link[]> {
  if (pin === undefined) return [];
  const folder = join(root, reqsetPaths(set).wheels);
  const file = (await readdir(folder).catch(() => [])).find((name) => isWheelOf(name, pin));
  if (file === undefined) return [];
  const wheel = await openWheel(join(folder, file));
  wheel.close();
  return linksOf(wheel.metadata);
}
