// Checks the options of the target `lock` before any request to an index.
import { normalizeName, type Lock, type LockOptions } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';

export interface RequestedOptions {
  /** `true` upgrades every pin; a text upgrades the named ones, separated by commas. */
  upgrade?: boolean | string | undefined;
  /** Upgrades the named pins, as uv's option does. */
  upgradePackage?: string | string[] | undefined;
  /** Upgrades pins with known vulnerabilities to the nearest versions without them. */
  upgradeVulnerable?: boolean | undefined;
  excludeNewer?: string | undefined;
  /** Path of a lock of another tool, relative to the workspace's root. */
  from?: string | undefined;
  /** Extras of the project in that lock. */
  extra?: string | string[] | undefined;
  /** Dependency groups of the project in that lock. */
  group?: string | string[] | undefined;
}

/** A date or a time, but no duration, so that the option has the same meaning at any time. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** @throws PinpackError `PINPACK_OPTIONS_INVALID` with every issue */
export function planOptions(
  reqset: string,
  {
    upgrade = false,
    upgradePackage = [],
    upgradeVulnerable = false,
    excludeNewer,
    from,
    extra = [],
    group = [],
  }: RequestedOptions,
  previous: Pick<Lock, 'packages'> | undefined,
): LockOptions {
  const listed = [...(typeof upgrade === 'string' ? [upgrade] : []), upgradePackage].flat();
  const names = listed.flatMap(splitNames);
  const locked = new Set(previous?.packages.map(({ name }) => name));
  const issues = names
    .filter((name) => !locked.has(name))
    .map((name) => `--upgrade: ${name} is not one of the ${locked.size} pins of ${reqset}`);
  if (typeof upgrade === 'string' && names.length === 0)
    issues.push('--upgrade: found an empty list, expected --upgrade for every pin, or --upgrade=numpy,scipy');
  if (excludeNewer !== undefined && !(MOMENT.test(excludeNewer) && !Number.isNaN(Date.parse(excludeNewer))))
    issues.push(
      `--exclude-newer: "${excludeNewer}" is not a date, expected one such as 2026-03-31 or 2026-03-31T12:00:00Z`,
    );
  if (from !== undefined && (upgrade !== false || upgradeVulnerable || names.length > 0 || excludeNewer !== undefined))
    issues.push(
      '--from takes all versions from another lock, so it cannot be combined with --upgrade or --exclude-newer',
    );
  if (from === undefined && [extra, group].flat().length > 0)
    issues.push(
      '--extra and --group select parts of the lock that --from names. Those of an application are in [tool.pinpack] of its pyproject.toml',
    );
  if (issues.length > 0) throw new PinpackError('PINPACK_OPTIONS_INVALID', `${reqset}:lock`, issues);
  return { upgrade: upgrade === true ? 'all' : names, ...(excludeNewer !== undefined && { excludeNewer }) };
}

function splitNames(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map(normalizeName);
}
