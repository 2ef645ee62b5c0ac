// Makes the SBOMs and the notice of a reqset or an application.
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { closureOf, type Lock } from '@pinpack/python-dist';
import { applicationProject, setLabel } from '@pinpack/rpm-packaging';
import {
  billOfApplication,
  billOfReqset,
  formatCycloneDx,
  formatNotice,
  formatSpdx,
  type Bill,
  type Distributions,
} from '@pinpack/rpm-packaging/sbom';
import { ownVersion } from '../workspace/own-version.js';
import { readLock } from '../workspace/read-lock.js';
import { readDistributions } from './read-distributions.js';
import { sbomPaths, type SbomPaths } from './sbom-paths.js';

export interface SbomRequest {
  root: string;
  /** `reqset3`, `multi/py311` */
  set: string;
  /** Folder of an application; undefined for the whole reqset. */
  app: string | undefined;
}

export interface MadeSbom {
  project: string;
  paths: SbomPaths;
  bill: Bill;
}

/** @throws PinpackError `PINPACK_NOT_BUILT`, `PINPACK_LOCK_MISSING` */
export async function makeSbom({ root, set, app }: SbomRequest): Promise<MadeSbom> {
  const lock = readLock(root, set);
  const distributions = await readDistributions(root, set, packagesOf(lock, app));
  const project = app === undefined ? setLabel(set) : applicationProject(set, app);
  const bill = billOf({ set, lock, distributions }, app);
  const paths = sbomPaths(set, project);
  const texts = { ...formatSboms(bill, DEFAULT_MTIME), notice: formatNotice(project, [...distributions.values()]) };
  for (const kind of ['cyclonedx', 'spdx', 'notice'] as const)
    await writeFileAtomically(join(root, paths[kind]), [Buffer.from(texts[kind])]);
  return { project, paths, bill };
}

/** The pins of an application or of the whole lock. */
export function packagesOf({ packages, applications }: Lock, app: string | undefined): Lock['packages'] {
  if (app === undefined) return packages;
  return closureOf(packages, [applications.find(({ name }) => name === app)?.library ?? '']);
}

export function billOf(
  request: { set: string; lock: Lock; distributions: Distributions },
  app: string | undefined,
): Bill {
  return app === undefined ? billOfReqset(request) : billOfApplication(request, app);
}

/** @param created - seconds since 1970, for SPDX */
export function formatSboms(bill: Bill, created: number): { cyclonedx: string; spdx: string } {
  const version = ownVersion();
  return { cyclonedx: formatCycloneDx(bill, { version }), spdx: formatSpdx(bill, { version, created }) };
}
