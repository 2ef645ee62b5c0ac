// Formats the error for a build that reached one of its limits.
import { distError, type DistError } from '../dist-error.js';
import type { BuildLimits } from './build-policy.js';
import type { Exceeded } from './run-limited.js';

const SHOWN_LINES = 5;

const UNITS: Readonly<Record<keyof BuildLimits, string>> = {
  timeMinutes: 'min',
  memoryMiB: 'MiB',
  processes: 'processes and threads',
  diskMiB: 'MiB',
  logMiB: 'MiB',
  sdistMiB: 'MiB',
  sdistRatio: 'times its size',
  sdistEntries: 'entries',
};

/** @param log - the path of the complete log, if there is one */
export function limitReached(
  subject: string,
  limits: BuildLimits,
  { limit, found }: Exceeded,
  { output, log }: { output: string; log?: string },
): DistError {
  return distError(subject, 'DIST_BUILD_LIMIT', [
    `its build was stopped: it ${found}`,
    ...lastLines(output),
    `The limit is ${limits[limit]} ${UNITS[limit]}. Raise builds.${limit} in the options of the plugin pinpack in nx.json if the build needs more.`,
    ...(log === undefined ? [] : [`Full log: ${log}`]),
  ]);
}

/** Messages of programs that reach a limit of the kernel before the build is stopped. */
const SIGNS: readonly [RegExp, keyof BuildLimits][] = [
  [
    /MemoryError|Cannot allocate memory|std::bad_alloc|virtual memory exhausted|memory allocation of .* failed/,
    'memoryMiB',
  ],
  [/BlockingIOError|fork: (?:retry: )?Resource temporarily unavailable|can't start new thread/, 'processes'],
  [/File too large|File size limit exceeded/, 'diskMiB'],
];

/** The cause of a failed build, if its output looks like that of a limit. */
export function limitCause(output: string): string | undefined {
  const limit = SIGNS.find(([sign]) => sign.test(output))?.[1];
  return limit === undefined
    ? undefined
    : `it probably needs more than builds.${limit} in the options of the plugin pinpack in nx.json allows`;
}

/** Short ones: an endless line is no help. */
function lastLines(output: string): string[] {
  const lines = output.slice(-SHOWN_LINES * 200).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-SHOWN_LINES)
    .map((line) => line.slice(0, 200));
}
