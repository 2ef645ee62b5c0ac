// Reads what an application's RPM is made from: its entry of the lock, and its pyproject.toml.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  applicationsOf,
  formatApplication,
  parsePyproject,
  type Application,
  type ProjectDescription,
} from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { checkDerivedFile } from '../reqset/derived-file.js';
import { applicationFolder, applicationProject, APPS, reqsetPlace } from '../reqset/place.js';
import { readIfThere, readLock } from '../reqset/read-lock.js';
import { parseApplicationSettings, type ApplicationSettings } from './settings.js';
import { checkTools, toolsOf } from './tools.js';

export interface ApplicationOptions {
  reqset: string;
  app: string;
  /** `orderDigest` when Nx read the graph. */
  digest: string;
}

/** Everything that an application RPM is made from, apart from the wheels' digests and the files that the settings name. */
export interface ApplicationOrder {
  reqset: string;
  application: Application;
  settings: ApplicationSettings;
  about: ProjectDescription;
}

/**
 * @throws DistError `SOURCE_INVALID`, `LOCK_INVALID`
 * @throws PinpackError `PINPACK_APPLICATION_INVALID`, `PINPACK_APPLICATION_UNKNOWN`, `PINPACK_APPLICATION_DISAGREES`, `PINPACK_TOOL_MISSING`
 */
export function readApplicationOrder(root: string, reqset: string, app: string): ApplicationOrder {
  const file = `${APPS}/${app}/pyproject.toml`;
  const project = parsePyproject(readIfThere(join(root, file)) ?? '', `${APPS}/${app}`);
  const settings = parseApplicationSettings(project?.settings ?? {}, file);
  const lock = readLock(root, reqset);
  checkTools(reqset, lock);
  const application = applicationsOf(lock).find(({ name }) => name === app);
  const place = reqsetPlace(reqset);
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
export function readApplication(root: string, { reqset, app, digest }: ApplicationOptions): ApplicationOrder {
  const order = readApplicationOrder(root, reqset, app);
  const { lock } = reqsetPlace(reqset);
  const file = `${applicationFolder(reqset, app)}/application.json`;
  checkDerivedFile(root, { file, lock, text: formatApplication(order.application) }, 'PINPACK_APPLICATION_DISAGREES');
  if (orderDigest(order) === digest) return order;
  throw new PinpackError('PINPACK_APPLICATION_DISAGREES', applicationProject(reqset, app), [
    'the lock or the settings changed while the run was under way',
    'Run again.',
  ]);
}

/** sha256 in hex of all that the order says: what a smoke test does, and what an image says, is in no RPM, and left out. */
export function orderDigest({
  reqset,
  application,
  settings: { smoke: _smoke, image: _image, ...settings },
  about,
}: ApplicationOrder): string {
  const text = JSON.stringify([reqset, formatApplication(application), settings, about]);
  return createHash('sha256').update(text).digest('hex');
}
