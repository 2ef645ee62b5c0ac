// The RPMs that belong to a set, by its lock: those of its pins and applications, and pinpack's own.
import { applicationsOf, pinsOf } from '@pinpack/python-dist';
import { applicationProject, rpmVersion, RUNTIME, setLabel, WHEELHOUSE, wheelProject } from '@pinpack/rpm-packaging';
import { reqsetPaths, RPMS } from '../workspace/workspace-paths.js';
import { readLock } from '../workspace/read-lock.js';
import { findRpms, type WantedRpm } from './find-rpm.js';

export interface SetRpm {
  name: string;
  /** Relative to the workspace's root. */
  file: string;
  /** Of a wheel RPM: what it carries. */
  pin?: { name: string; version: string };
}

type Wanted = WantedRpm & Pick<SetRpm, 'pin'>;

/** Sorted by name. @throws PinpackError `PINPACK_RPM_MISSING` that names every RPM that isn't there */
export async function findSetRpms(root: string, set: string): Promise<SetRpm[]> {
  const wanted = wantedRpms(root, set);
  const found = await findRpms(root, wanted, setLabel(set), 'the RPMs of the lock are not all there');
  const rpms = found.map(({ name, file, pin }): SetRpm => ({ name, file, ...(pin !== undefined && { pin }) }));
  return rpms.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function wantedRpms(root: string, set: string): Wanted[] {
  const lock = readLock(root, set);
  const { rpms: folder } = reqsetPaths(set);
  return [
    ...pinsOf(lock).map(({ name, version, release }) => ({
      name: wheelProject(set, name),
      folder,
      version: `${rpmVersion(version).version}-${release}`,
      pin: { name, version },
    })),
    ...applicationsOf(lock).map(({ name, version, release }) => ({
      name: applicationProject(set, name),
      folder,
      version: `${rpmVersion(version).version}-${release}`,
    })),
    ...[RUNTIME, WHEELHOUSE].map((name) => ({ name, folder: RPMS })),
  ];
}
