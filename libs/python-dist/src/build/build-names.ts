// Combines the build requirements that a source declares with those of reqset.json.
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';

/** The declared requirements and those of the settings. For a distribution that both name, the settings override. */
export function overrideRequirements(declared: readonly string[], settings: readonly string[]): string[] {
  const replaced = new Set(settings.map(nameOf));
  return [...declared.filter((line) => !replaced.has(nameOf(line))), ...settings];
}

/** PEP 503 name. @throws DistError `DIST_REQUIREMENT_INVALID` */
export function nameOf(requirement: string): string {
  return normalizeName(parseRequirement(requirement).name);
}
