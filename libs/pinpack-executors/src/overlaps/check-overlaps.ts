// Refuses an application whose pins install the same paths, of which only one can be in its environment.
import { join } from 'node:path';
import { cacheFolder, findPinOverlaps, pinsOf, type OverlapRequest } from '@pinpack/python-dist';
import { applicationProject, type ApplicationRequest } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { warn } from '../tasks/warn.js';
import { readLock } from '../workspace/read-lock.js';
import { APPS, reqsetPaths } from '../workspace/workspace-paths.js';
import { describeOverlaps, formatGroups, isAllowed } from './describe-overlaps.js';

/** @param index - for wheels that are not on this machine, because their RPMs come from a cache. @throws PinpackError `PINPACK_PATHS_OVERLAP` with every pair of pins. @throws DistError `DIST_WHEEL_*` */
export async function checkOverlaps(
  root: string,
  { reqset, application, settings }: ApplicationRequest,
  index?: OverlapRequest['index'],
): Promise<void> {
  const names = new Set(application.wheels.map(({ name }) => name));
  const { overlaps, unknown } = await findPinOverlaps({
    pins: pinsOf(readLock(root, reqset)).filter(({ name }) => names.has(name)),
    python: application.python,
    wheels: join(root, reqsetPaths(reqset).wheels),
    cache: cacheFolder(process.env),
    ...(index !== undefined && { index }),
  });
  const project = applicationProject(reqset, application.name);
  if (unknown.length > 0)
    warn(
      `${project}: not checked for paths that other pins install too, because their wheels are neither on this machine nor on an index: ${unknown.join(', ')}`,
    );
  const groups = [...(application.overlaps ?? []), ...(settings.overlaps ?? [])];
  const refused = overlaps.filter((overlap) => !overlap.isHarmless && !isAllowed(overlap, groups));
  if (refused.length === 0) return;
  throw new PinpackError('PINPACK_PATHS_OVERLAP', project, [
    'requires pins that install the same paths, of which its environment can contain only one',
    ...describeOverlaps(refused),
    `Require only one of them: npx nx run ${reqsetPaths(reqset).project}:why --pin=${refused[0]?.pins[0] ?? ''} shows what requires it.`,
    ...allowStep(`${APPS}/${application.name}/pyproject.toml`, formatGroups(refused)),
  ]);
}

function allowStep(file: string, groups: string): string[] {
  if (groups === '[]') return [];
  return [
    `Or allow it in ${file}, [tool.pinpack]: overlaps = ${groups}. In each list, the files of a later pin replace those of an earlier one.`,
  ];
}
