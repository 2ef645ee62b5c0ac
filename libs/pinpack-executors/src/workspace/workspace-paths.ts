// Paths of a reqset's files, relative to the workspace's root.
import { setLabel, splitSet } from '@pinpack/rpm-packaging';

/** A set's files and folders: `reqset3` → `reqsets/reqset3`, `dist/wheels/reqset3`, … */
export interface ReqsetPaths {
  /** `reqset3`, `multi-py311`: also the name of its project. */
  project: string;
  /** The reqset's folder, which its variants share. */
  folder: string;
  requirements: string;
  constraints: string;
  settings: string;
  lock: string;
  /** The folder of the files that are derived from the lock, and the root of the set's project. */
  derived: string;
  wheels: string;
  rpms: string;
  logs: string;
}

export const REQSETS = 'reqsets';
export const APPS = 'apps';
/** The subfolder of a reqset with one folder per variant. */
export const VARIANTS = 'variants';
/** The folder of RPMs that belong to no reqset: pinpack's own. */
export const RPMS = 'dist/rpms';

const known = new Map<string, ReqsetPaths>();

/** The graph inference needs those of a set for each of its pins. */
export function reqsetPaths(set: string): ReqsetPaths {
  const paths = known.get(set) ?? pathsOf(set);
  known.set(set, paths);
  return paths;
}

function pathsOf(set: string): ReqsetPaths {
  const { reqset, variant } = splitSet(set);
  const label = setLabel(set);
  const folder = `${REQSETS}/${reqset}`;
  return {
    project: label,
    folder,
    requirements: `${folder}/requirements.txt`,
    constraints: `${folder}/constraints.txt`,
    settings: `${folder}/reqset.json`,
    // PEP 751, "File Name": `pylock.<name>.toml`
    lock: `${folder}/pylock${variant === undefined ? '' : `.${variant}`}.toml`,
    derived: variant === undefined ? folder : `${folder}/${VARIANTS}/${variant}`,
    wheels: `dist/wheels/${label}`,
    rpms: `dist/rpms/${label}`,
    logs: `dist/logs/${label}`,
  };
}

/** The set of a lock's file: `reqsets/multi/pylock.py311.toml` → `multi/py311`. */
export function setOfLock(file: string): string {
  const [, reqset = '', variant] = /([^/]+)\/pylock(?:\.([^./]+))?\.toml$/.exec(file) ?? [];
  return variant === undefined ? reqset : `${reqset}/${variant}`;
}

/** The folder of a pin's project, which holds `pin.json`. */
export function pinFolder(set: string, name: string): string {
  return `${reqsetPaths(set).derived}/pins/${name}`;
}

/** The folder of the project of the Python that a set brings along, which holds `python.json`. */
export function pythonProjectFolder(set: string): string {
  return `${reqsetPaths(set).derived}/bundled/python`;
}

/** The folder of an application's project, which holds `application.json`. */
export function applicationFolder(set: string, app: string): string {
  return `${reqsetPaths(set).derived}/apps/${app}`;
}

/** The facts of a pin's canonical wheel, written by `rpm` for application RPMs. Has no version, so each run replaces them. */
export function canonicalFactsFile(set: string, name: string): string {
  return `dist/canonical/${setLabel(set)}/${name}.json`;
}

/** The digest of an RPM, written by the task that made it. @param set - undefined for pinpack's own RPMs */
export function rpmDigestFile(set: string | undefined, name: string): string {
  return `dist/digests/${set === undefined ? '' : `${setLabel(set)}/`}${name}.json`;
}
