// The warnings of `lock` and `rpm` about files of wheels: pins that install the same paths, and RECORDs that differ from the files.
import { join } from 'node:path';
import { CodedError } from '@pinpack/common/coded-error';
import {
  applicationsOf,
  cacheFolder,
  findPinOverlaps,
  pinsOf,
  type Application,
  type IndexClient,
  type Lock,
  type LockedPackage,
  type Overlap,
  type OverlapRequest,
} from '@pinpack/python-dist';
import { readApplicationRequest } from '../workspace/read-application.js';
import { readLock } from '../workspace/read-lock.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { describeOverlap, formatGroups, isAllowed, type OverlapGroups } from './describe-overlaps.js';

export interface WarningsRequest {
  root: string;
  set: string;
  lock: Lock;
  index: IndexClient;
}

const SHOWN_ISSUES = 5;

/** For `lock`. A problem with a wheel is a warning too: the lock is written, and the wheel's own target reports the problem. */
export function overlapWarnings(request: WarningsRequest): Promise<string[]> {
  return problemsAsWarnings(() => findWarnings(request));
}

/** For `rpm` of pins that were built from source, whose files `lock` did not know. @param built - their names */
export function builtOverlapWarnings(root: string, set: string, built: ReadonlySet<string>): Promise<string[]> {
  return problemsAsWarnings(async () => {
    const lock = readLock(root, set);
    const { overlaps } = await findPinOverlaps(localRequest(root, set, lock));
    const applications = groupsOf(root, set, lock);
    return overlaps
      .filter((overlap) => overlap.pins.some((name) => built.has(name)) && !overlap.isHarmless)
      .filter((overlap) => !isAllowed(overlap, lock.overlaps ?? []))
      .map((overlap) => overlapWarning(overlap, applications));
  });
}

async function problemsAsWarnings(find: () => Promise<string[]>): Promise<string[]> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof CodedError) return [error.message];
    throw error;
  }
}

function localRequest(root: string, set: string, lock: Lock): OverlapRequest {
  const wheels = join(root, reqsetPaths(set).wheels);
  return { pins: pinsOf(lock), python: lock.python, wheels, cache: cacheFolder(process.env) };
}

function groupsOf(root: string, set: string, lock: Lock): RequiringApplication[] {
  return applicationsOf(lock).map((application) => {
    const { settings } = readApplicationRequest(root, set, application.name);
    return { application, groups: [...(lock.overlaps ?? []), ...(settings.overlaps ?? [])] };
  });
}

async function findWarnings({ root, set, lock, index }: WarningsRequest): Promise<string[]> {
  const { overlaps: groups = [] } = lock;
  const found = await findPinOverlaps({ ...localRequest(root, set, lock), index: () => Promise.resolve(index) });
  const applications = groupsOf(root, set, lock);
  const warned = found.overlaps.filter((overlap) => !isAllowed(overlap, groups));
  return [
    ...warned.filter(({ isHarmless }) => !isHarmless).map((overlap) => overlapWarning(overlap, applications)),
    ...unusedWarning(warned.filter(({ isHarmless }) => isHarmless)),
    ...lock.packages.flatMap((pin) => recordWarning(pin, found.recordIssues.get(pin.name) ?? [])),
  ];
}

interface RequiringApplication {
  application: Application;
  groups: OverlapGroups;
}

/** Pure. */
export function overlapWarning(overlap: Overlap, applications: readonly RequiringApplication[]): string {
  const requiring = applications
    .filter(({ application: { wheels } }) => overlap.pins.every((name) => wheels.some((wheel) => wheel.name === name)))
    .filter(({ groups }) => !isAllowed(overlap, groups))
    .map(({ application }) => application.name);
  const refused = `target rpm of ${requiring.join(', ')} will fail: the application requires both`;
  const allow = `Use only one of them, or allow it in reqset.json: "overlaps": ${formatGroups([overlap])}. The files of the later pin then replace those of the earlier one.`;
  return [
    describeOverlap(overlap),
    requiring.length > 0 ? refused : 'an application cannot require both',
    overlap.isImpossible ? 'Use only one of them.' : allow,
  ].join('\n  ');
}

function unusedWarning(overlaps: readonly Overlap[]): string[] {
  if (overlaps.length === 0) return [];
  const pins = [...new Set(overlaps.flatMap((overlap) => overlap.pins))].sort();
  const paths = [...new Set(overlaps.flatMap((overlap) => overlap.paths))].sort();
  const shown = paths.slice(0, SHOWN_ISSUES).join(', ');
  const rest = paths.length > SHOWN_ISSUES ? ` and ${paths.length - SHOWN_ISSUES} more` : '';
  return [
    `${pins.join(', ')} install tests or documents at the same paths, of which an environment contains those of the last pin: ${shown}${rest}`,
  ];
}

function recordWarning({ name, record }: LockedPackage, issues: readonly string[]): string[] {
  if (issues.length === 0) return [];
  const shown = issues.slice(0, SHOWN_ISSUES).map((line) => `- ${line}`);
  const rest = issues.length > SHOWN_ISSUES ? [`and ${issues.length - SHOWN_ISSUES} more`] : [];
  const outcome =
    record === 'exact'
      ? 'and "record" in reqset.json requires an exact one: its target rpm will fail'
      : 'so its RPM will contain a RECORD made from them';
  return [[`${name}: RECORD differs from the files of the wheel, ${outcome}`, ...shown, ...rest].join('\n  ')];
}
