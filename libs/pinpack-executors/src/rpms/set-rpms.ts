// Finds the RPMs of a set by its lock: those of its pins and applications, and pinpack's own.
import { applicationsOf, pinsOf } from '@pinpack/python-dist';
import {
  applicationProject,
  formatVersionRelease,
  RUNTIME,
  setLabel,
  WHEELHOUSE,
  wheelProject,
} from '@pinpack/rpm-packaging';
import { reqsetPaths, RPMS } from '../workspace/workspace-paths.js';
import { readLock } from '../workspace/read-lock.js';
import { findRpms, type WantedRpm } from './find-rpm.js';

export interface SetRpm {
  name: string;
  /** Relative to the workspace's root. */
  file: string;
  /** The pin of a wheel RPM. */
  pin?: { name: string; version: string };
}

type Wanted = WantedRpm & Pick<SetRpm, 'pin'>;

/** Sorted by name. @throws PinpackError `PINPACK_RPM_MISSING` with every missing RPM */
export async function findSetRpms(root: string, set: string): Promise<SetRpm[]> {
  const wanted = wantedRpms(root, set);
  const found = await findRpms(root, wanted, setLabel(set), 'RPMs of the lock are missing');
  const rpms = found.map(({ name, file, pin }): SetRpm => ({ name, file, ...(pin !== undefined && { pin }) }));
  return rpms.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function wantedRpms(root: string, set: string): Wanted[] {
  const lock = readLock(root, set);
  const { rpms: folder } = reqsetPaths(set);
  return [
    ...pinsOf(lock).map((pin) => ({
      name: wheelProject(set, pin.name),
      folder,
      version: formatVersionRelease(pin),
      pin: { name: pin.name, version: pin.version },
    })),
    ...applicationsOf(lock).map((application) => ({
      name: applicationProject(set, application.name),
      folder,
      version: formatVersionRelease(application),
    })),
    ...[RUNTIME, WHEELHOUSE].map((name) => ({ name, folder: RPMS })),
  ];
}
