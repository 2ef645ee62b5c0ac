// Reads what an application's RPM is made from: its entry of the lock, and its pyproject.toml.
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
import { readIfThere, readLock } from './read-lock.js';
import { checkTools, toolsOf } from './environment-tools.js';

export interface ApplicationOptions {
  reqset: string;
  app: string;
  /** `applicationRequestDigest` when Nx read the graph. */
  digest: string;
}

/**
 * @throws DistError `DIST_SOURCE_INVALID`, `DIST_LOCK_INVALID`
 * @throws PinpackError `PINPACK_APPLICATION_INVALID`, `PINPACK_APPLICATION_UNKNOWN`, `PINPACK_APPLICATION_DISAGREES`, `PINPACK_TOOL_MISSING`
 */
export function readApplicationRequest(root: string, reqset: string, app: string): ApplicationRequest {
  const file = `${APPS}/${app}/pyproject.toml`;
  const project = parsePyproject(readIfThere(join(root, file)) ?? '', `${APPS}/${app}`);
  const settings = parseApplicationSettings(project?.settings ?? {}, file);
  const lock = readLock(root, reqset);
  checkTools(reqset, lock);
  const application = applicationsOf(lock).find(({ name }) => name === app);
  const place = reqsetPaths(reqset);
  const again = `Lock again: nx run ${place.project}:lock`;
  if (application === undefined) {
    throw new PinpackError('PINPACK_APPLICATION_UNKNOWN', place.lock, [
      `does not have the application ${app}: it is older than ${file}`,
      again,
    ]);
  }
  const wanted = toolsOf(settings.fill);
  if (application.tools.join() !== wanted.join()) {
    throw new PinpackError('PINPACK_APPLICATION_DISAGREES', file, [
      `fill is ${settings.fill}, which needs ${wanted.join(', ')}; the lock has ${application.tools.join(', ')}`,
      again,
    ]);
  }
  return { reqset, application, settings, about: project?.about ?? {} };
}

/** The same for a task: refuses where the application's own file, or what Nx hashed, says something else. */
export function readApplication(root: string, { reqset, app, digest }: ApplicationOptions): ApplicationRequest {
  const order = readApplicationRequest(root, reqset, app);
  const { lock } = reqsetPaths(reqset);
  const file = `${applicationFolder(reqset, app)}/application.json`;
  checkDerivedFile(root, { file, lock, text: formatApplication(order.application) }, 'PINPACK_APPLICATION_DISAGREES');
  if (applicationRequestDigest(order) === digest) return order;
  throw new PinpackError('PINPACK_APPLICATION_DISAGREES', applicationProject(reqset, app), [
    'the lock or the settings changed while the run was under way',
    'Run again.',
  ]);
}
