// Imports the versions and files of another tool's lock instead of resolving. They are kept unchanged; entries that cannot be imported are reported.
import pLimit from 'p-limit';
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import type { ForeignLock, ForeignPin } from '../lock/foreign/foreign-lock.js';
import { parseRequirement } from '../requirements/requirement.js';
import { parseSpecifierSet, satisfies } from '../pep440/specifier.js';
import { parseVersion } from '../pep440/version.js';
import { isWheelOf } from '../names/wheel-file-name.js';
import type { Resolved } from './compile.js';
import { holdingMarkers } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import type { Uv } from '../uv/uv.js';

const PAGES_AT_ONCE = 8;

/**
 * The pins of a foreign lock for a target.
 *
 * @param own - PEP 503 names of the workspace's source trees, whose entries are ignored
 * @throws DistError `DIST_LOCK_FOREIGN_PYTHON`, `DIST_LOCK_FOREIGN_SOURCE`, `DIST_LOCK_FOREIGN_INVALID` with every issue
 */
export async function readForeignPins(
  subject: string,
  lock: ForeignLock,
  target: TargetEnvironment,
  uv: Uv,
  own: ReadonlySet<string>,
): Promise<ForeignPin[]> {
  const holding = await holdingMarkers(uv, target, lock.markers, lock.groups);
  const { pins, issues } = lock.pinsFor((marker) => holding.has(marker));
  const kept = pins.filter(({ name }) => !own.has(name));
  throwIssues(subject, [
    ...pythonIssues(lock, target),
    ...issues.filter(({ name }) => name === undefined || !own.has(name)).map((found) => found.issue),
    ...duplicateIssues(kept),
  ]);
  return [...new Map(kept.map((pin) => [pin.name, pin])).values()];
}

function pythonIssues({ requiresPython }: ForeignLock, { python }: TargetEnvironment): DistIssue[] {
  if (requiresPython === undefined || satisfies(parseVersion(python), parseSpecifierSet(requiresPython))) return [];
  const found = `the lock requires Python ${requiresPython}, but the reqset is for ${python}`;
  return [
    issue(
      'DIST_LOCK_FOREIGN_PYTHON',
      found,
      'Change "python" in reqset.json, or create the lock again for that Python.',
    ),
  ];
}

function duplicateIssues(pins: readonly ForeignPin[]): DistIssue[] {
  const first = new Map<string, ForeignPin>();
  return pins.flatMap((pin) => {
    const other = first.get(pin.name) ?? pin;
    first.set(pin.name, other);
    if (other.version === pin.version) return [];
    const found = `${pin.place}: ${pin.name} is pinned to ${pin.version}, but to ${other.version} at ${other.place}`;
    return [
      issue(
        'DIST_LOCK_FOREIGN_INVALID',
        found,
        'A reqset has one version of each distribution. Remove one of the lines.',
      ),
    ];
  });
}

/** The wheels of each pin on the index. */
export function findWheels(pins: readonly ForeignPin[], index: IndexClient): Promise<Resolved[]> {
  const limit = pLimit(PAGES_AT_ONCE);
  return Promise.all(
    pins.map(({ name, version, place }) =>
      limit(async () => {
        // Indexes have old files with invalid names, which pip ignores too.
        const files = (await index.files(name)).filter((file) => isWheelOf(file.name, { name, version }));
        const wheels = files.map((file) => ({
          name: file.name,
          url: file.url,
          size: file.size ?? 0,
          sha256: file.sha256 ?? '',
        }));
        return { name, version, place, wheels };
      }),
    ),
  );
}

/** A package, or the reqset itself, and its requirements. */
export interface Requirer {
  name: string;
  /** Active requirements, markers and extras resolved. */
  requires: readonly string[];
}

/** Requirements that are not pinned, or that the pinned version does not satisfy: rpm could not install such a set. */
export function closureIssues(
  requirers: readonly Requirer[],
  pins: readonly { name: string; version: string }[],
): DistIssue[] {
  const versions = new Map(pins.map(({ name, version }) => [name, version]));
  return requirers.flatMap(({ name: requirer, requires }) =>
    requires.flatMap((text) => {
      const { name, specifiers } = parseRequirement(text);
      const version = versions.get(name);
      if (version !== undefined && satisfies(parseVersion(version), specifiers)) return [];
      return version === undefined
        ? [
            issue(
              'DIST_LOCK_FOREIGN_MISSING',
              `${requirer} requires ${text}, but the lock does not contain ${name}`,
              'Create the lock again for this Python and platform.',
            ),
          ]
        : [
            issue(
              'DIST_LOCK_FOREIGN_CONFLICT',
              `${requirer} requires ${text}, but the lock has ${name} ${version}`,
              'Change one of the two versions: rpm cannot install them together.',
            ),
          ];
    }),
  );
}
