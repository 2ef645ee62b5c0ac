// Takes build requirements from the pins, for Pythons that uv does not resolve for: requirements.txt is then a complete lock, and has them too.
import { issue, throwIssues } from '../dist-error.js';
import { closureOf } from '../lock/closure.js';
import type { BuildRequirement, PinSource } from '../lock/lock.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { satisfies } from '../pep440/specifier.js';
import { parseVersion } from '../pep440/version.js';
import { parseRequirement } from '../requirements/requirement.js';
import { activeRequirements } from '../uv/evaluate.js';
import type { Uv } from '../uv/uv.js';
import { ROOT } from './find-edges.js';

/** A pin with its edges. */
export interface PinnedWheel {
  name: string;
  version: string;
  source: PinSource;
  dependencies: readonly string[];
}

export interface PinnedRequest {
  /** The source, for messages. */
  subject: string;
  requires: readonly string[];
  target: TargetEnvironment;
  pins: readonly PinnedWheel[];
}

/** @throws DistError `DIST_RESOLVE_BUILD_UNPINNED` with every requirement that is not pinned */
export async function takeBuildRequirements(
  uv: Uv,
  { subject, requires, target, pins }: PinnedRequest,
): Promise<BuildRequirement[]> {
  const lines = [...requires];
  const { [ROOT]: active } = await activeRequirements(uv, target, lines, { [ROOT]: lines });
  const wanted = (active?.requires ?? []).map(parseRequirement);
  const issues = wanted.flatMap(({ name, specifiers }) => {
    const pin = pins.find((each) => each.name === name);
    if (pin !== undefined && 'wheel' in pin.source && satisfies(parseVersion(pin.version), specifiers)) return [];
    const found = pin === undefined ? 'it is not pinned' : `pinned is ${pin.version}`;
    return [
      issue(
        'DIST_RESOLVE_BUILD_UNPINNED',
        `requires ${name}, but ${found}`,
        `uv does not resolve for Python ${target.python}: add a version of ${name} that fits, with a wheel, to requirements.txt.`,
      ),
    ];
  });
  throwIssues(subject, issues);
  const needed = closureOf(
    pins.map((pin) => ({ ...pin, dependencies: [...pin.dependencies] })),
    wanted.map(({ name }) => name),
  );
  return needed.flatMap(({ name, version, source }) =>
    'wheel' in source ? [{ name, version, wheel: source.wheel }] : [],
  );
}
