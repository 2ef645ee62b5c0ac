// Reads the inputs of an application's RPM: its entry in the lock and its pyproject.toml.
import { join } from 'node:path';
import { applicationsOf, formatApplication, parsePyproject } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { checkDerivedFile } from './derived-file.js';
import { applicationFolder, APPS, reqsetPaths } from './workspace-paths.js';
import {
  applicationProject,
  applicationRequestDigest,
  parseApplicationSettings,
  type ApplicationRequest,
} from '@pinpack/rpm-packaging';
import { readIfThere } from './files.js';
import { readLock } from './read-lock.js';

export interface ApplicationOptions {
  reqset: string;
  app: string;
  /** `applicationRequestDigest` when Nx read the project graph. */
  digest: string;
}

/**
 * @throws DistError `DIST_SOURCE_INVALID`, `DIST_LOCK_INVALID`
 * @throws PinpackError `PINPACK_APPLICATION_INVALID`, `PINPACK_APPLICATION_UNKNOWN`
 */
export function readApplicationRequest(root: string, reqset: string, app: string): ApplicationRequest {
  const file = `${APPS}/${app}/pyproject.toml`;
  const project = parsePyproject(readIfThere(join(root, file)) ?? '', `${APPS}/${app}`);
  const settings = parseApplicationSettings(project?.settings ?? {}, file);
  const lock = readLock(root, reqset);
  const application = applicationsOf(lock).find(({ name }) => name === app);
  const paths = reqsetPaths(reqset);
  if (application === undefined) {
    throw new PinpackError('PINPACK_APPLICATION_UNKNOWN', paths.lock, [
      `does not contain the application ${app}, because it is older than ${file}`,
      `Lock again: nx run ${paths.project}:lock`,
    ]);
  }
  return { reqset, application, settings, about: project?.about ?? {} };
}

/** Like `readApplicationRequest`, for a task: rejects the request if application.json or the digest that Nx hashed differs from the lock. */
export function readApplication(root: string, { reqset, app, digest }: ApplicationOptions): ApplicationRequest {
  const request = readApplicationRequest(root, reqset, app);
  const { lock } = reqsetPaths(reqset);
  const file = `${applicationFolder(reqset, app)}/application.json`;
  checkDerivedFile(root, { file, lock, text: formatApplication(request.application) }, 'PINPACK_APPLICATION_DISAGREES');
  const found = applicationRequestDigest(request);
  if (found === digest) return request;
  throw new PinpackError('PINPACK_APPLICATION_DISAGREES', applicationProject(reqset, app), [
    `the digest of its lock and settings is ${found}, expected ${digest}: they changed after Nx read the project graph`,
    'Run the target again.',
  ]);
}
