// Collects the RPMs of an application's installation: its own, those that it requires with an exact version and Release, and pinpack-runtime.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRpm } from '@pinpack/rpm-gen';
import { exactRequires, findRpm, findRpms } from '../rpms/find-rpm.js';
import { applicationProject, RUNTIME, setLabel } from '@pinpack/rpm-packaging';
import { reqsetPaths, RPMS } from '../workspace/workspace-paths.js';

export interface ApplicationRpms {
  /** Absolute paths, the application's own first. */
  paths: string[];
  /** Names of the RPMs, in the same order. */
  names: string[];
}

/**
 * @param fileName - of the application's RPM: if Nx restored it from its cache, another version may be in the folder too
 * @throws PinpackError `PINPACK_RPM_MISSING` with every missing RPM. @throws RpmError if the application's RPM is damaged
 */
export async function collectRpms(
  root: string,
  { reqset, app, rpm: fileName }: { reqset: string; app: string; rpm: string },
): Promise<ApplicationRpms> {
  const { rpms: folder } = reqsetPaths(reqset);
  const project = applicationProject(reqset, app);
  const own = await findRpm(root, { folder, name: project, version: versionOf(fileName) });
  const { header } = readRpm(await readFile(join(root, own)), own);
  const required = exactRequires(header).filter(({ name }) => name.startsWith(`${setLabel(reqset)}-`));
  const wanted = [...required.map((one) => ({ folder, ...one })), { folder: RPMS, name: RUNTIME }];
  const others = await findRpms(root, wanted, project, 'required RPMs are missing');
  return {
    paths: [own, ...others.map(({ file }) => file)].map((path) => join(root, path)),
    names: [project, ...others.map(({ name }) => name)],
  };
}

/** `1.0.0-1` of `demo-sample-1.0.0-1.noarch.rpm` */
function versionOf(fileName: string): string {
  return /([^-]+-[^-]+)\.[^.]+\.rpm$/.exec(fileName)?.[1] ?? fileName;
}
