// Finds the RPMs of an application's image by the lock.
import { join } from 'node:path';
import type { ClosureMember } from '@pinpack/python-dist';
import {
  applicationProject,
  formatVersionRelease,
  readRpmFacts,
  wheelProject,
  type ApplicationRequest,
  type ApplicationRpms,
} from '@pinpack/rpm-packaging';
import { findRpms, type WantedRpm } from '../rpms/find-rpm.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** @throws PinpackError `PINPACK_RPM_MISSING` that names every missing RPM. @throws RpmError if one is damaged */
export async function findApplicationRpms(
  root: string,
  { reqset, application }: ApplicationRequest,
): Promise<ApplicationRpms> {
  const { rpms: folder } = reqsetPaths(reqset);
  const wanted = (name: string, member: Pick<ClosureMember, 'version' | 'release'>): WantedRpm => ({
    folder,
    name,
    version: formatVersionRelease(member),
  });
  const members = (list: readonly ClosureMember[]): WantedRpm[] =>
    list.map((member) => wanted(wheelProject(reqset, member.name), member));
  const project = applicationProject(reqset, application.name);
  const all = [wanted(project, application), ...members(application.wheels)];
  const found = await findRpms(root, all, project, 'RPMs of its lock are missing');
  const [own, ...wheels] = await Promise.all(found.map(({ file }) => readRpmFacts(join(root, file))));
  if (own === undefined) throw new RangeError(`${project}: no RPM was requested`);
  return { own, wheels };
}
