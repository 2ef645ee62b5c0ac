// Refuses an application whose pins install the same paths, of which only one can be in its environment, or lack a command that its settings name.
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { cacheFolder, findPinOverlaps, pinsOf, type OverlapRequest } from '@pinpack/python-dist';
import { applicationProject, namedCommands, type ApplicationRequest } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { warn } from '../tasks/warn.js';
import { ownVersion } from '../workspace/own-version.js';
import { readLock } from '../workspace/read-lock.js';
import { APPS, reqsetPaths } from '../workspace/workspace-paths.js';
import { describeOverlaps, formatGroups, isAllowed } from './describe-overlaps.js';

/** Of the commands that a message lists. */
const SHOWN = 12;

/**
 * @param index - for wheels that are not on this machine, because their RPMs come from a cache
 * @returns whether the files of all wheels were known
 * @throws PinpackError `PINPACK_PATHS_OVERLAP` with every pair of pins, `PINPACK_COMMAND_MISSING`
 * @throws DistError `DIST_WHEEL_*`
 */
export async function checkOverlaps(
  root: string,
  request: ApplicationRequest,
  index?: OverlapRequest['index'],
): Promise<boolean> {
  const { reqset, application, settings } = request;
  const names = new Set(application.wheels.map(({ name }) => name));
  const { overlaps, commands, unknown } = await findPinOverlaps({
    pins: pinsOf(readLock(root, reqset)).filter(({ name }) => names.has(name)),
    python: application.python,
    wheels: join(root, reqsetPaths(reqset).wheels),
    cache: cacheFolder(process.env),
    ...(index !== undefined && { index }),
  });
  const project = applicationProject(reqset, application.name);
  if (unknown.length === 0) checkCommands(settings, commands, application.name);
  else
    warn(
      `${project}: not checked for paths that other pins install too, because their wheels are neither on this machine nor on an index: ${unknown.join(', ')}`,
    );
  const groups = allowedGroups(request);
  const refused = overlaps.filter((overlap) => !overlap.isHarmless && !isAllowed(overlap, groups));
  if (refused.length === 0) return unknown.length === 0;
  throw new PinpackError('PINPACK_PATHS_OVERLAP', project, [
    'requires pins that install the same paths, of which its environment can contain only one',
    ...describeOverlaps(refused),
    `Require only one of them: npx nx run ${reqsetPaths(reqset).project}:why --pin=${refused[0]?.pins[0] ?? ''} shows what requires it.`,
    ...allowStep(`${APPS}/${application.name}/pyproject.toml`, formatGroups(refused)),
  ]);
}

/**
 * Digest of what the check depends on besides the wheels. An application's RPM with this digest passed the check, and its store key covers the wheels.
 * Another version of pinpack checks again.
 */
export function overlapCheckDigest(request: ApplicationRequest): string {
  const { application, settings } = request;
  return sha256Of(JSON.stringify([ownVersion(), application.python, allowedGroups(request), namedCommands(settings)]));
}

function allowedGroups({ application, settings }: ApplicationRequest) {
  return [...(application.overlaps ?? []), ...(settings.overlaps ?? [])];
}

function checkCommands(settings: ApplicationRequest['settings'], commands: ReadonlySet<string>, app: string): void {
  const missing = namedCommands(settings).filter(({ command }) => !commands.has(command));
  if (missing.length === 0) return;
  const known = [...commands].sort();
  throw new PinpackError('PINPACK_COMMAND_MISSING', `${APPS}/${app}/pyproject.toml`, [
    ...missing.map(
      ({ setting, command }) =>
        `[tool.pinpack] ${setting} names the command ${command}, which no wheel of the application installs`,
    ),
    `expected ${known.length === 0 ? 'an absolute path, since its wheels install no command' : `one of ${listed(known)}`}`,
    'Correct the name, add the command to [project.scripts], or add the distribution that has it to [project] dependencies and lock again.',
  ]);
}

function listed(names: readonly string[]): string {
  return names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

function allowStep(file: string, groups: string): string[] {
  if (groups === '[]') return [];
  return [
    `Or allow it in ${file}, [tool.pinpack]: overlaps = ${groups}. In each list, the files of a later pin replace those of an earlier one.`,
  ];
}
