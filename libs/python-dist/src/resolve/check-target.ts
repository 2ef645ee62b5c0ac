// Validates the target's Python before resolving: a lock of pure wheels could be made for a Python that does not exist.
import { z } from 'zod';
import { distError, issue, throwIssues } from '../dist-error.js';
import { minorVersion, plainVersion } from '../lock/closure.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parseJson } from '@pinpack/common/json';
import type { Uv } from '../uv/uv.js';

/** `uv python list --output-format json` */
const KNOWN_PYTHONS = z.array(
  z.object({
    implementation: z.string(),
    version_parts: z.object({ major: z.number(), minor: z.number(), patch: z.number() }),
  }),
);

/** The oldest Python that uv resolves for. */
const OLDEST = 6;

/** Whether uv resolves for this Python. For other versions a lock has to be imported, for example from a requirements.txt with all pins. */
export function isResolvable({ python }: TargetEnvironment): boolean {
  const [major, minor] = python.split('.').map(Number);
  return major === 3 && (minor ?? 0) >= OLDEST;
}

/** @throws DistError `DIST_RESOLVE_PYTHON_OLD` */
export function refuseOldPython(subject: string, target: TargetEnvironment, isImported: boolean): void {
  if (isImported || isResolvable(target)) return;
  throw distError(subject, 'DIST_RESOLVE_PYTHON_OLD', [
    `uv cannot resolve for Python ${target.python}, expected 3.${OLDEST} or later`,
    'Import a lock of another tool that has the exact versions of all packages.',
  ]);
}

/**
 * @param found - the packages that have to be built: `docopt 0.6.2 has only an sdist`
 * @throws DistError `DIST_RESOLVE_UNBUILDABLE` if builds for this Python are not supported
 */
export function refuseBuilds(subject: string, target: TargetEnvironment, found: readonly string[]): void {
  if (isResolvable(target)) return;
  throwIssues(
    subject,
    found.map((text) =>
      issue(
        'DIST_RESOLVE_UNBUILDABLE',
        `${text}, but sdists are not built for Python ${target.python}`,
        'Build a wheel elsewhere (py2.py3-none-any works on both), upload it to your index and pin it.',
      ),
    ),
  );
}

/**
 * Compares the target with the versions of Python that this uv knows.
 *
 * @returns a warning if it knows the minor version but not the patch version, which may be newer than uv
 * @throws DistError `DIST_RESOLVE_PYTHON_UNKNOWN` if there is no such minor version
 */
export async function checkPython(uv: Uv, { python }: TargetEnvironment): Promise<string | undefined> {
  const words = ['python', 'list', '--all-versions', '--only-downloads', '--output-format', 'json', '--no-config'];
  const { stdout, failed } = await uv.run(words);
  const known = failed ? [] : parseKnown(stdout);
  const [, minor = 0, patch = 0] = plainVersion(python).split('.').map(Number);
  const minors = [...new Set(known.map((version) => version.minor))].sort((a, b) => a - b);
  const newestMinor = minors.at(-1);
  // uv lists downloadable versions, and can resolve for older ones too.
  if (newestMinor === undefined || minor < (minors[0] ?? 0)) return undefined;
  if (minor > newestMinor) {
    throw distError(`Python ${python}`, 'DIST_RESOLVE_PYTHON_UNKNOWN', [
      `uv does not know Python ${minorVersion(python)}, expected 3.${newestMinor} or older`,
      'Correct "python" in reqset.json, or update uv if this Python is newer.',
    ]);
  }
  const newest = Math.max(...known.filter((version) => version.minor === minor).map((version) => version.patch));
  return patch > newest
    ? `Python ${python}: the newest 3.${minor} that uv knows is 3.${minor}.${newest}. Check "python" in reqset.json, unless this Python is newer than uv.`
    : undefined;
}

function parseKnown(text: string): { minor: number; patch: number }[] {
  // Another version of uv may print another format. This check is only a convenience, so locking goes on without it.
  const known = parseJson(text, KNOWN_PYTHONS) ?? [];
  return known
    .filter(({ implementation, version_parts: { major } }) => implementation === 'cpython' && major === 3)
    .map(({ version_parts: { minor, patch } }) => ({ minor, patch }));
}
