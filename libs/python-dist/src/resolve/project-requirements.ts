// Reads the requirements of a pyproject.toml (PEP 621), which need not belong to an application of this workspace.
import { distError, issue, throwIssues } from '../dist-error.js';
import { asTable, TableReader } from '../toml/table-reader.js';
import { parseToml } from '../toml/parse-toml.js';

export interface ProjectRequirements {
  /** `[project] dependencies`, as written. */
  requirements: string[];
  /** `>=3.10` */
  requiresPython?: string;
}

/** @throws DistError `DIST_SOURCE_INVALID`, `DIST_LOCK_FOREIGN_INVALID` for invalid TOML */
export function parseProjectRequirements(text: string, file: string): ProjectRequirements {
  const project = asTable(parseToml(text, file, 'DIST_LOCK_FOREIGN_INVALID').project);
  const next =
    'Export its requirements first, for example: uv pip compile pyproject.toml --output-file requirements.txt';
  if (project === undefined) throw distError(file, 'DIST_SOURCE_INVALID', ['has no table [project]', next]);
  const reader = new TableReader(project, '[project]');
  if (reader.optionalStrings('dynamic').includes('dependencies')) reader.report('dependencies are dynamic');
  const requirements = reader.optionalStrings('dependencies');
  const requiresPython = reader.optionalString('requires-python');
  throwIssues(
    file,
    reader.issues.map((found) => issue('DIST_SOURCE_INVALID', found, next)),
  );
  return { requirements, ...(requiresPython !== undefined && { requiresPython }) };
}
