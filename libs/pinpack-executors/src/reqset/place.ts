// Where everything of a reqset lies, relative to the workspace's root. Project names are RPM names.
//
// What one lock is for is called a set: a reqset without variants, or one variant of one (docs/decisions/0010-variants.md). It is written
// `reqset3` or `multi/py311`, and its label, which starts the names of its projects, RPMs and folders, is `reqset3` or `multi-py311`.

/** A set's files and folders: `reqset3` → `reqsets/reqset3`, `dist/wheels/reqset3`, … */
export interface ReqsetPlace {
  /** `reqset3`, `multi-py311`: also the name of its project. */
  project: string;
  /** The reqset's folder, which its variants share. */
  folder: string;
  requirements: string;
  constraints: string;
  settings: string;
  lock: string;
  /** Below it lies what is derived from the lock; it is the root of the set's project. */
  derived: string;
  wheels: string;
  rpms: string;
  logs: string;
}

export const REQSETS = 'reqsets';
export const APPS = 'apps';
/** The folder of a reqset's that has a folder for each of its variants. */
export const VARIANTS = 'variants';
/** The project and RPM of what runs on the server for all the others. */
export const RUNTIME = 'pinpack-runtime';
/** Where the RPMs lie that belong to no reqset: that project's. */
export const RPMS = 'dist/rpms';

/** A set's reqset, and its variant where it is one: `multi/py311` → `multi`, `py311`. */
export function splitSet(set: string): { reqset: string; variant?: string } {
  const [reqset = '', variant] = set.split('/');
  return { reqset, ...(variant !== undefined && { variant }) };
}

/** `reqset3`, `multi-py311` */
export function setLabel(set: string): string {
  return set.replace('/', '-');
}

/** The sets of a reqset. @param variants - labels; undefined where it has none */
export function setsOf(reqset: string, variants: readonly string[] | undefined): string[] {
  return variants?.map((variant) => `${reqset}/${variant}`) ?? [reqset];
}

/** Whether a list of names as `[tool.pinpack] reqsets` has it holds a set: by itself, or with all the variants of its reqset. */
export function namesSet(names: readonly string[], set: string): boolean {
  return names.includes(set) || names.includes(splitSet(set).reqset);
}

export function reqsetPlace(set: string): ReqsetPlace {
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
  return `${reqsetPlace(set).derived}/pins/${name}`;
}

/** The folder of an application's project, which holds `application.json`. */
export function applicationFolder(set: string, app: string): string {
  return `${reqsetPlace(set).derived}/apps/${app}`;
}

/** What `rpm` of a pin found out about its canonical wheel, for the RPMs of applications. Without a version: each run replaces it. */
export function canonicalFactsFile(set: string, name: string): string {
  return `dist/canonical/${setLabel(set)}/${name}.json`;
}

/** The project and RPM of a pin. */
export function wheelProject(set: string, name: string): string {
  return `${setLabel(set)}-wheel-${name}`;
}

/** The project and RPM of an application: `<app>` is its folder's name. */
export function applicationProject(set: string, app: string): string {
  return `${setLabel(set)}-${app}`;
}
