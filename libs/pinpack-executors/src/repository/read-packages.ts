// Reads the packages of a repository: the RPMs of a set as they are published, with the facts for its record and advisories.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { parseMetadata } from '@pinpack/python-dist';
import { readWheelEntries } from '@pinpack/rpm-packaging';
import type { Link, RepositoryPackage, RepositoryRecord, Signer } from '@pinpack/rpm-repo';
import pLimit from 'p-limit';
import { exactRequires } from '../rpms/find-rpm.js';
import { linksOf } from './links.js';
import { prepareRpm, type PreparedRpm } from './prepare-rpm.js';
import { findSetRpms, type SetRpm } from '../rpms/set-rpms.js';

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

const LARGEST_UNPACKED = 1 << 30;
/** At the path of a wheel's file in a wheel RPM: `usr/lib/pinpack/<set>/<name>/<name>-<version>.dist-info/METADATA`. */
const METADATA = /^(?:[^/]+\/){5}[^/]+\.dist-info\/METADATA$/;

const unpacking = pLimit(1);

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
    links: isChanged && request.previous !== undefined ? await unpacking(() => readLinks(one.pin, rpm)) : [],
    rpm,
  };
}

/** Reads METADATA from the RPM, because the wheel may not be on this machine. None for an RPM that would fill the memory. */
async function readLinks(pin: SetRpm['pin'], { path, facts }: PreparedRpm): Promise<Link[]> {
  if (pin === undefined || facts.contentSize > LARGEST_UNPACKED) return [];
  const entries = await readWheelEntries({ path, sha256: facts.sha256 });
  const metadata = entries.find((entry) => METADATA.test(entry.path))?.data;
  return metadata === undefined ? [] : linksOf(parseMetadata(Buffer.from(metadata).toString('utf8')));
}
