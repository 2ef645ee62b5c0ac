// Finds the RPMs of a set by its lock: those of its pins and applications, and pinpack's own.
import { join } from 'node:path';
import { applicationsOf, bundledPythonOf, parsePlatform, pinsOf, plainVersion, type Lock } from '@pinpack/python-dist';
import {
  applicationProject,
  DNF_PLUGIN,
  formatRpmEvr,
  formatVersionRelease,
  pythonProject,
  readRuntimeVersion,
  rpmFileName,
  RUNTIME,
  setLabel,
  WHEELHOUSE,
  wheelProject,
} from '@pinpack/rpm-packaging';
import { reqsetPaths, RPMS, rpmDigestFile } from '../workspace/workspace-paths.js';
import { readIfThere } from '../workspace/files.js';
import { readLock } from '../workspace/read-lock.js';
import { PinpackError } from '../pinpack-error.js';
import { findRpms, type WantedRpm } from './find-rpm.js';

export interface SetRpm {
  name: string;
  /** Relative to the workspace's root. */
  file: string;
  /** The pin of a wheel RPM. */
  pin?: { name: string; version: string };
  /** `[epoch:]version-release` */
  evr: string;
  /** undefined for a wheel that is yet to be built. */
  architecture?: string;
  /** The file with the digest, and the project that makes both. */
  digest: string;
  project: string;
}

export type WantedSetRpm = WantedRpm & Omit<SetRpm, 'file'>;

/** Sorted by name. @throws PinpackError `PINPACK_RPM_MISSING` with every missing RPM */
export async function findSetRpms(root: string, set: string): Promise<SetRpm[]> {
  const wanted = await wantedRpms(root, set);
  const found = await findRpms(root, wanted, setLabel(set), 'RPMs of the lock are missing');
  return found.map(withoutFolder).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One of them. @param wanted - see `wantedRpms`. @throws PinpackError `PINPACK_RPM_MISSING` */
export async function findSetRpm(root: string, wanted: readonly WantedSetRpm[], name: string): Promise<SetRpm> {
  const one = wanted.filter((each) => each.name === name);
  const [found] = await findRpms(root, one, name, 'the RPM is missing');
  if (found !== undefined) return withoutFolder(found);
  throw new PinpackError('PINPACK_RPM_MISSING', name, 'is not an RPM of the lock');
}

function withoutFolder({ folder: _folder, version: _version, ...rpm }: WantedSetRpm & { file: string }): SetRpm {
  return rpm;
}

/** What the lock has, whether it is built or not. */
export async function wantedRpms(root: string, set: string): Promise<WantedSetRpm[]> {
  const lock = readLock(root, set);
  const { rpms: folder } = reqsetPaths(set);
  const runtime = `${await readRuntimeVersion()}-1`;
  return [
    ...pinsOf(lock).map((pin): WantedSetRpm => {
      const name = wheelProject(set, pin.name);
      const { version } = pin;
      const architecture = /\.([^.]+)\.rpm$/.exec(rpmFileName(set, pin))?.[1] ?? '*';
      return {
        ...versioned(set, name, pin),
        ...{ folder, pin: { name: pin.name, version } },
        ...(architecture !== '*' && { architecture }),
      };
    }),
    ...applicationsOf(lock).map((application): WantedSetRpm => ({
      ...versioned(set, applicationProject(set, application.name), application),
      ...{ folder, architecture: 'noarch' },
    })),
    ...pythonRpms(set, lock),
    ...ownRpms(root).map((name): WantedSetRpm => ({
      ...{ name, folder: RPMS, evr: runtime, architecture: 'noarch', project: RUNTIME },
      digest: rpmDigestFile(undefined, name),
    })),
  ];
}

/** The Python that the set brings along. */
function pythonRpms(set: string, lock: Lock): WantedSetRpm[] {
  const python = bundledPythonOf(lock);
  if (python === undefined) return [];
  const { platform, interpreter } = python;
  const of = { version: plainVersion(python.version), release: interpreter.release };
  const architecture = parsePlatform(platform).machine;
  return [{ ...versioned(set, pythonProject(set), of), folder: reqsetPaths(set).rpms, architecture }];
}

/** pinpack-dnf is only packed for publications with patches. */
function ownRpms(root: string): string[] {
  const hasDnf = readIfThere(join(root, rpmDigestFile(undefined, DNF_PLUGIN))) !== undefined;
  return [RUNTIME, WHEELHOUSE, ...(hasDnf ? [DNF_PLUGIN] : [])];
}

function versioned(set: string, name: string, of: { version: string; release: number }) {
  const version = formatVersionRelease(of);
  return { name, version, evr: formatRpmEvr(of), digest: rpmDigestFile(set, name), project: name };
}
