// The paths of an application's files on the server.

export interface ApplicationPaths {
  /** `/opt/reqset3-my-app` */
  folder: string;
  manifest: string;
  /** A symlink to the current environment, switched when a new one is complete. */
  venv: string;
  environments: string;
}

/** @param name - of the RPM */
export function applicationPaths(name: string): ApplicationPaths {
  const folder = `/opt/${name}`;
  return {
    folder,
    manifest: `${folder}/application.json`,
    venv: `${folder}/venv`,
    environments: `${folder}/environments`,
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
