// Whether the Python that a lock is for is one: told before anything is resolved, since a lock of pure wheels can be made for any number.
import { z } from 'zod';
import { distError, issue, throwIssues } from '../dist-error.js';
import { minorVersion } from '../lock/closure.js';
import type { LockInputs } from '../lock/inputs.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parseJson } from '../parse-json.js';
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

/** Whether uv resolves for this Python; else a lock for it is imported, and be it from requirements.txt that has every pin. */
export function isResolvable({ python }: TargetEnvironment): boolean {
  const [major, minor] = python.split('.').map(Number);
  return major === 3 && (minor ?? 0) >= OLDEST;
}

/** @throws DistError `DIST_RESOLVE_PYTHON_OLD`, `DIST_RESOLVE_UNBUILDABLE` */
export function refuseOldPython(
  subject: string,
  { sources, target }: Pick<LockInputs, 'sources' | 'target'>,
  isImported: boolean,
): void {
  refuseBuilds(
    subject,
    target,
    sources.map(({ path }) => `${path} names it`),
  );
  if (isImported || isResolvable(target)) return;
  throw distError(subject, 'DIST_RESOLVE_PYTHON_OLD', [
    `uv resolves for Python 3.${OLDEST} and later, and not for ${target.python}`,
    'Import a lock of another tool: every pin with its exact version, and all that they need.',
  ]);
}

/**
 * @param found - what would have to be built: `docopt 0.6.2 has source only`
 * @throws DistError `DIST_RESOLVE_UNBUILDABLE` where nothing is built for such a Python
 */
export function refuseBuilds(subject: string, target: TargetEnvironment, found: readonly string[]): void {
  if (isResolvable(target)) return;
  throwIssues(
    subject,
    found.map((text) =>
      issue(
        'DIST_RESOLVE_UNBUILDABLE',
        `${text}, and nothing is built for Python ${target.python}: uv builds for Python 3 alone`,
        'Build a wheel of it once, elsewhere (py2.py3-none-any runs on both), put it on an index of yours and pin that.',
      ),
    ),
  );
}

/**
 * Compares with the Pythons that this uv knows.
 *
 * @returns a warning where it knows the minor version, and no such patch of it: it may be older than that
 * @throws DistError `DIST_RESOLVE_PYTHON_UNKNOWN` where there is no such minor version
 */
export async function checkPython(uv: Uv, { python }: TargetEnvironment): Promise<string | undefined> {
  const words = ['python', 'list', '--all-versions', '--only-downloads', '--output-format', 'json', '--no-config'];
  const { stdout, failed } = await uv.run(words);
  const known = failed ? [] : parseKnown(stdout);
  const [, minor = 0, patch = 0] = python.split('.').map(Number);
  const minors = [...new Set(known.map((version) => version.minor))].sort((a, b) => a - b);
  const newestMinor = minors.at(-1);
  // uv lists what can be downloaded, and resolves for older ones too.
  if (newestMinor === undefined || minor < (minors[0] ?? 0)) return undefined;
  if (minor > newestMinor) {
    throw distError(`Python ${python}`, 'DIST_RESOLVE_PYTHON_UNKNOWN', [
      `uv knows no Python ${minorVersion(python)}; the newest that it knows is 3.${newestMinor}`,
      'Correct "python" in reqset.json, or update uv where it is newer than that.',
    ]);
  }
  const newest = Math.max(...known.filter((version) => version.minor === minor).map((version) => version.patch));
  return patch > newest
    ? `Python ${python}: the newest 3.${minor} that uv knows is 3.${minor}.${newest}. Check "python" in reqset.json, where it is no newer than this uv.`
    : undefined;
}

function parseKnown(text: string): { minor: number; patch: number }[] {
  // Another version of uv may print another format. This check is only a convenience, so locking goes on without it.
  const known = parseJson(text, KNOWN_PYTHONS) ?? [];
  return known
    .filter(({ implementation, version_parts: { major } }) => implementation === 'cpython' && major === 3)
    .map(({ version_parts: { minor, patch } }) => ({ minor, patch }));
}
