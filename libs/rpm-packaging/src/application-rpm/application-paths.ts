// The paths of an application's files on the server.

export interface ApplicationPaths {
  /** `/opt/reqset3-my-app` */
  folder: string;
  manifest: string;
  /** A symlink to the current environment, switched when a new one is complete. */
  venv: string;
  /** A symlink to `environmentsFolder`. */
  environments: string;
  /** On the file system of the wheel RPMs' trees, which environments share files with. No reqset has a name that starts with `_`. */
  environmentsFolder: string;
}

/** The folder of all environments. */
const ENVIRONMENTS = '/usr/lib/pinpack/_environments';

/** @param name - of the RPM */
export function applicationPaths(name: string): ApplicationPaths {
  const folder = `/opt/${name}`;
  return {
    folder,
    manifest: `${folder}/application.json`,
    venv: `${folder}/venv`,
    environments: `${folder}/environments`,
    environmentsFolder: `${ENVIRONMENTS}/${name}`,
  };
}

/** Names and paths of one RPM, for texts that are written once for several reqsets. */
export interface Places {
  name: string;
  reqset: string;
}

/** Fills `@NAME@` (of the RPM), `@REQSET@` and `@VENV@` (the environment's folder). */
export function fillPlaces(text: string, { name, reqset }: Places): string {
  const { venv } = applicationPaths(name);
  return text.replaceAll('@NAME@', name).replaceAll('@REQSET@', reqset).replaceAll('@VENV@', venv);
}
