// The build requirements of a source: what its pyproject.toml and backend ask for, and what reqset.json says instead.
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';

/** The declared requirements, less those of distributions that the settings name, and the settings' own. */
export function overrideRequirements(declared: readonly string[], settings: readonly string[]): string[] {
  const replaced = new Set(settings.map(nameOf));
  return [...declared.filter((line) => !replaced.has(nameOf(line))), ...settings];
}

/** PEP 503 name. @throws DistError `DIST_REQUIREMENT_INVALID` */
export function nameOf(requirement: string): string {
  return normalizeName(parseRequirement(requirement).name);
}
