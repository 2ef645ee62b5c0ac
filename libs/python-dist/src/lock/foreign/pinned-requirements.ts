// Parses pinned requirements of pip-compile, `uv pip compile`, `uv export`, `poetry export` and `pip freeze`: exact versions, usually with hashes.
import { issue } from '../../dist-error.js';
import { normalizeName } from '../../names/normalize-name.js';
import { parseRequirementsFileWithOptions, type RequirementLine } from '../../requirements/requirements-file.js';
import type { Requirement } from '../../requirements/requirement.js';
import { notFromIndex, type ForeignLock, type ForeignPin, type ForeignPins } from './foreign-lock.js';

/** Options that are ignored because the index is configured for the machine, not for the lock. */
const IGNORED = /^--(?:index-url|extra-index-url|trusted-host|no-index|require-hashes|pre|prefer-binary|use-feature)$/;

/** @throws DistError `DIST_REQUIREMENTS_FILE_INVALID` */
export function parsePinnedRequirements(text: string, file: string): ForeignLock {
  const { requirements, options } = parseRequirementsFileWithOptions(text, file);
  const refused = options
    .filter(({ option }) => !IGNORED.test(option))
    .map(({ raw, line }) => ({
      issue: issue(
        'DIST_LOCK_FOREIGN_INVALID',
        `${file}:${line}: ${raw} is not supported`,
        'Compile the requirements into a single file of pins first.',
      ),
    }));
  return {
    markers: [...new Set(requirements.flatMap(({ requirement }) => requirement.marker ?? []))],
    groups: [],
    requirements: requirements.map(({ raw }) => raw.split(/\s--hash\b/)[0] ?? raw),
    pinsFor: (holds) => {
      const active = requirements.filter(({ requirement: { marker } }) => marker === undefined || holds(marker));
      return {
        pins: active.flatMap((line) => pinOf(line, file)),
        issues: [...refused, ...active.flatMap((line) => issuesOf(line, file))],
      };
    },
  };
}

function exactVersion({ specifiers: [only, ...others] }: Requirement): string | undefined {
  const isExact = only !== undefined && others.length === 0 && /^===?$/.test(only.operator) && !only.wildcard;
  return isExact ? only.version : undefined;
}

function pinOf({ requirement, hashes, line }: RequirementLine, file: string): ForeignPin[] {
  const version = exactVersion(requirement);
  if (version === undefined) return [];
  const sha256 = hashes.flatMap((hash) => /^sha256:(.*)$/.exec(hash)?.[1] ?? []);
  return [{ name: normalizeName(requirement.name), version, hashes: sha256, place: `${file}:${line}` }];
}

function issuesOf({ requirement, hashes, raw, line }: RequirementLine, file: string): ForeignPins['issues'] {
  const name = normalizeName(requirement.name);
  const place = `${file}:${line}`;
  if (requirement.url !== undefined) return [notFromIndex(name, place, /^(\w+)\+/.exec(requirement.url)?.[1] ?? 'url')];
  if (exactVersion(requirement) === undefined) {
    const next = 'Compile the file first, for example: uv pip compile --generate-hashes.';
    return [{ name, issue: issue('DIST_LOCK_FOREIGN_INVALID', `${place}: ${raw} is not an exact version`, next) }];
  }
  if (hashes.length === 0 || hashes.some((hash) => hash.startsWith('sha256:'))) return [];
  const found = `${place}: ${name} has no sha256 hash, which is the kind that indexes publish`;
  return [{ name, issue: issue('DIST_LOCK_FOREIGN_INVALID', found, 'Add the sha256 of its wheel.') }];
}
