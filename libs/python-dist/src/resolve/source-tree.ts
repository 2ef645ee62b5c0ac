// Reads a source tree's pyproject.toml (PEP 518, PEP 621): name, version, dependencies and build requirements, which have to be static.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TomlTable, TomlValue } from 'smol-toml';
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import { parseToml } from '../toml/parse-toml.js';
import { asStrings, asTable } from '../toml/table-reader.js';
import type { SourceTree } from '../lock/inputs.js';

export interface Pyproject {
  source: SourceTree;
  /** `[tool.pinpack] reqsets` */
  reqsets: string[];
  /** The table `[tool.pinpack]`; callers read further settings from it. */
  settings: TomlTable;
  about: ProjectDescription;
}

/** Descriptive fields of `[project]`; absent if not set. */
export interface ProjectDescription {
  summary?: string;
  /** SPDX expression, or the text of the older form. */
  license?: string;
  url?: string;
}

const NO_REQSETS = issue(
  'DIST_SOURCE_INVALID',
  '[tool.pinpack] reqsets is missing',
  'expected a list of reqset names, for example: reqsets = ["reqset1"]',
);

/**
 * @param root - the workspace's root
 * @param path - the source tree's folder, relative to it
 * @returns undefined without `[tool.pinpack]`: the project does not use pinpack
 * @throws DistError `DIST_SOURCE_INVALID` with every issue
 */
export async function readPyproject(root: string, path: string): Promise<Pyproject | undefined> {
  return parsePyproject(await readFile(join(root, path, 'pyproject.toml'), 'utf8'), path);
}

/** The pure part of `readPyproject`. */
export function parsePyproject(text: string, path: string): Pyproject | undefined {
  const subject = `${path}/pyproject.toml`;
  const document = parseToml(text, subject, 'DIST_SOURCE_INVALID');
  const settings = asTable(asTable(document.tool)?.pinpack);
  if (settings === undefined) return undefined;
  const project = asTable(document.project) ?? {};
  const dynamic = asStrings(project.dynamic) ?? [];
  const issues: DistIssue[] = [];
  const source = {
    path,
    name: staticString(issues, project, 'name', dynamic),
    version: staticString(issues, project, 'version', dynamic),
    dependencies: list(issues, '[project] dependencies', project.dependencies) ?? [],
    // PEP 518: setuptools is the default.
    buildRequires: list(issues, '[build-system] requires', asTable(document['build-system'])?.requires) ?? [
      'setuptools>=40.8.0',
    ],
  };
  if (dynamic.includes('dependencies')) issues.push(missing('[project] dependencies', true));
  const reqsets = list(issues, '[tool.pinpack] reqsets', settings.reqsets);
  if (settings.reqsets === undefined) issues.push(NO_REQSETS);
  throwIssues(subject, issues);
  return { source, reqsets: reqsets ?? [], settings, about: describeProject(project) };
}

function describeProject({ description, license, urls }: TomlTable): ProjectDescription {
  const text = typeof license === 'string' ? license : asTable(license)?.text;
  const url = Object.values(asTable(urls) ?? {}).find((value) => typeof value === 'string');
  return {
    ...(typeof description === 'string' && { summary: description }),
    ...(typeof text === 'string' && { license: text }),
    ...(typeof url === 'string' && { url }),
  };
}

function staticString(issues: DistIssue[], project: TomlTable, key: string, dynamic: string[]): string {
  const value = project[key];
  if (typeof value === 'string' && value !== '') return value;
  issues.push(missing(`[project] ${key}`, dynamic.includes(key)));
  return '';
}

/** Reports a value that is not a list, instead of reading it as empty. */
function list(issues: DistIssue[], field: string, value: TomlValue | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const found = asStrings(value);
  const example = field.endsWith('reqsets') ? 'reqsets = ["reqset1"]' : '["numpy>=2"]';
  if (found === undefined)
    issues.push(
      issue(
        'DIST_SOURCE_INVALID',
        `${field} is ${JSON.stringify(value)}`,
        `expected a list of strings, for example: ${example}`,
      ),
    );
  return found;
}

function missing(field: string, isDynamic: boolean): DistIssue {
  return issue(
    'DIST_SOURCE_INVALID',
    isDynamic ? `${field} is dynamic` : `${field} is missing`,
    'expected a static value: locking does not run the build',
  );
}
