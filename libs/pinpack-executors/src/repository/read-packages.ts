// Reads the packages of a repository: the RPMs of a set as they are published, with the facts for its record and advisories.
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { isWheelOf, NO_WHEEL_LIMITS, openWheel } from '@pinpack/python-dist';
import type { Link, RepositoryPackage, RepositoryRecord, Signer } from '@pinpack/rpm-repo';
import pLimit from 'p-limit';
import { exactRequires } from '../rpms/find-rpm.js';
import { linksOf } from './links.js';
import { prepareRpm, type PreparedRpm } from './prepare-rpm.js';
import { findSetRpms, type SetRpm } from '../rpms/set-rpms.js';
import { listFolder } from '../workspace/files.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** A package and its RPM as published. */
export interface PublishableRpm extends RepositoryPackage {
  rpm: PreparedRpm;
}

export interface PackagesRequest {
  root: string;
  set: string;
  signer: Signer | undefined;
  previous: RepositoryRecord | undefined;
}

/** Sorted by name. @throws RpmError, RepoError, PinpackError `PINPACK_RPM_MISSING`, `PINPACK_RPM_DIFFERS` */
export async function readPackages(request: PackagesRequest): Promise<PublishableRpm[]> {
  const { root, set, signer } = request;
  // gpg signs one RPM at a time, while others are read and digested.
  const limit = pLimit(2 * availableParallelism());
  const rpms = await findSetRpms(root, set);
  return Promise.all(
    rpms.map((one) => limit(async () => packageOf(request, one, await prepareRpm({ root, set, rpm: one, signer })))),
  );
}

async function packageOf(request: PackagesRequest, one: SetRpm, rpm: PreparedRpm): Promise<PublishableRpm> {
  const { name, evr, architecture, size, sha256, header } = rpm.facts;
  const isChanged = request.previous?.packages.find((each) => each.name === name)?.evr !== evr;
  return {
    ...{ name, evr, architecture, size, sha256 },
    file: `packages/${basename(one.file)}`,
    unsigned: rpm.unsigned,
    ...(one.pin !== undefined && { pin: one.pin }),
    closure: exactRequires(header).map((required) => required.name),
    // Only advisories need links, so other wheels are not opened.
    links: isChanged && request.previous !== undefined ? await readLinks(request, one) : [],
    rpm,
  };
}

/** None if the wheel has been removed: the RPM is sufficient. */
async function readLinks({ root, set }: PackagesRequest, { pin }: SetRpm): Promise<Link[]> {
  if (pin === undefined) return [];
  const folder = join(root, reqsetPaths(set).wheels);
  const file = (await listFolder(folder)).find((name) => isWheelOf(name, pin));
  if (file === undefined) return [];
  const wheel = await openWheel(join(folder, file), NO_WHEEL_LIMITS);
  wheel.close();
  return linksOf(wheel.metadata);
}
