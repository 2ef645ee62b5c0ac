// Where everything of a reqset lies, relative to the workspace's root. Project names are RPM names.

/** A reqset's folders: `reqset3` → `reqsets/reqset3`, `dist/wheels/reqset3`, … */
export interface ReqsetPlace {
  name: string;
  folder: string;
  requirements: string;
  constraints: string;
  lock: string;
  wheels: string;
  rpms: string;
  logs: string;
}

export const REQSETS = 'reqsets';
export const APPS = 'apps';
/** The project and RPM of what runs on the server for all the others. */
export const RUNTIME = 'pinpack-runtime';

export function reqsetPlace(name: string): ReqsetPlace {
  const folder = `${REQSETS}/${name}`;
  return {
    name,
    folder,
    requirements: `${folder}/requirements.txt`,
    constraints: `${folder}/constraints.txt`,
    lock: `${folder}/pylock.toml`,
    wheels: `dist/wheels/${name}`,
    rpms: `dist/rpms/${name}`,
    logs: `dist/logs/${name}`,
  };
}

/** The folder of a pin's project, which holds `pin.json`. */
export function pinFolder(reqset: string, name: string): string {
  return `${REQSETS}/${reqset}/pins/${name}`;
}

/** The folder of an application's project, which holds `application.json`. */
export function applicationFolder(reqset: string, app: string): string {
  return `${REQSETS}/${reqset}/apps/${app}`;
}

/** What `rpm` of a pin found out about its canonical wheel, for the RPMs of applications. Without a version: each run replaces it. */
export function canonicalFactsFile(reqset: string, name: string): string {
  return `dist/canonical/${reqset}/${name}.json`;
}

/** The project and RPM of a pin. */
export function wheelProject(reqset: string, name: string): string {
  return `${reqset}-wheel-${name}`;
}

/** The project and RPM of an application: `<app>` is its folder's name. */
export function applicationProject(reqset: string, app: string): string {
  return `${reqset}-${app}`;
}
