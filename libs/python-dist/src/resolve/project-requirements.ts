// Reads the requirements of a pyproject.toml (PEP 621), which need not belong to an application of this workspace.
import { distError, issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { ForeignSelection } from '../lock/foreign/foreign-lock.js';
import { normalizeName } from '../names/normalize-name.js';
import { asStrings, asTable, TableReader } from '../toml/table-reader.js';
import { parseToml } from '../toml/parse-toml.js';
import { readGroups } from './dependency-groups.js';

export interface ProjectRequirements {
  /** `[project] dependencies`, as written. */
  requirements: string[];
  /** `>=3.10` */
  requiresPython?: string;
}

/** @throws DistError `DIST_SOURCE_INVALID`, `DIST_LOCK_FOREIGN_INVALID` for invalid TOML */
export function parseProjectRequirements(
  text: string,
  file: string,
  { extras, groups }: ForeignSelection = { extras: [], groups: [] },
): ProjectRequirements {
  const document = parseToml(text, file, 'DIST_LOCK_FOREIGN_INVALID');
  const project = asTable(document.project);
  const next =
    'Export its requirements first, for example: uv pip compile pyproject.toml --output-file requirements.txt';
  if (project === undefined) throw distError(file, 'DIST_SOURCE_INVALID', ['has no table [project]', next]);
  const reader = new TableReader(project, '[project]');
  if (reader.optionalStrings('dynamic').includes('dependencies')) reader.report('dependencies are dynamic');
  const own = reader.optionalStrings('dependencies');
  const groupIssues: DistIssue[] = [];
  const ofGroups = readGroups(asTable(document['dependency-groups']) ?? {}, groups, groupIssues);
  throwIssues(file, groupIssues);
  const optional = Object.entries(asTable(project['optional-dependencies']) ?? {});
  const ofExtras = extras.flatMap((extra) => {
    const found = optional.find(([name]) => normalizeName(name) === normalizeName(extra));
    if (found === undefined) reader.report(`has no extra ${extra}`);
    return asStrings(found?.[1]) ?? [];
  });
  const requirements = [...new Set([...own, ...ofExtras, ...ofGroups])];
  const requiresPython = reader.optionalString('requires-python');
  throwIssues(
    file,
    reader.issues.map((found) => issue('DIST_SOURCE_INVALID', found, next)),
  );
  return { requirements, ...(requiresPython !== undefined && { requiresPython }) };
}
