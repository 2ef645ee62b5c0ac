// Reads a source tree's pyproject.toml (PEP 518, PEP 621): name, version, dependencies and build requirements, which have to be static.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TomlTable, TomlValue } from 'smol-toml';
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import { parseToml } from '../toml/parse-toml.js';
import { normalizeName } from '../names/normalize-name.js';
import { asStrings, asTable } from '../toml/table-reader.js';
import type { SourceTree } from '../lock/inputs.js';
import { readGroups } from './dependency-groups.js';
import { uvSources } from './uv-sources.js';

export interface Pyproject {
  source: SourceTree;
  /** `[tool.pinpack] reqsets` */
  reqsets: string[];
  /** The table `[tool.pinpack]`; callers read further settings from it. */
  settings: TomlTable;
  about: ProjectDescription;
  /** `[tool.pinpack] extras`: the extras of the library that the application is installed with. */
  extras: string[];
  /** The requirements of the groups in `[tool.pinpack] groups` (PEP 735). */
  groups: string[];
  /** Requirements by path, URL or git in `[tool.uv.sources]`, for names that the project requires. */
  direct: string[];
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

/**
 * Reads the source tree of a library, which needs no `[tool.pinpack]`.
 *
 * @throws DistError `DIST_SOURCE_INVALID` with every issue
 */
export async function readSourceTree(root: string, path: string): Promise<Pick<Pyproject, 'source' | 'direct'>> {
  const subject = `${path}/pyproject.toml`;
  const document = parseToml(await readFile(join(root, subject), 'utf8'), subject, 'DIST_SOURCE_INVALID');
  const issues: DistIssue[] = [];
  const source = parseSource(document, path, issues);
  throwIssues(subject, issues);
  return { source, direct: uvSources(document, path) };
}

/** The pure part of `readPyproject`. */
export function parsePyproject(text: string, path: string): Pyproject | undefined {
  const subject = `${path}/pyproject.toml`;
  const document = parseToml(text, subject, 'DIST_SOURCE_INVALID');
  const settings = asTable(asTable(document.tool)?.pinpack);
  if (settings === undefined) return undefined;
  const issues: DistIssue[] = [];
  const source = parseSource(document, path, issues);
  const reqsets = list(issues, '[tool.pinpack] reqsets', settings.reqsets);
  if (settings.reqsets === undefined) issues.push(NO_REQSETS);
  const extras = (list(issues, '[tool.pinpack] extras', settings.extras) ?? []).map(normalizeName);
  const wanted = list(issues, '[tool.pinpack] groups', settings.groups) ?? [];
  const groups = readGroups(asTable(document['dependency-groups']) ?? {}, wanted, issues);
  const unknown = extras.filter((extra) => source.optional?.[extra] === undefined);
  if (unknown.length > 0) {
    const known = Object.keys(source.optional ?? {}).join(', ');
    issues.push(
      issue(
        'DIST_SOURCE_INVALID',
        `[tool.pinpack] extras has ${unknown.join(', ')}`,
        `expected an extra of [project.optional-dependencies]: ${known === '' ? 'there is none' : known}`,
      ),
    );
  }
  const direct = uvSources(document, path);
  throwIssues(subject, issues);
  const about = describeProject(asTable(document.project) ?? {});
  return { source, reqsets: reqsets ?? [], settings, about, extras, groups, direct };
}

/** The source tree with the requirements of all of its extras. */
function parseSource(document: TomlTable, path: string, issues: DistIssue[]): SourceTree {
  const project = asTable(document.project) ?? {};
  const dynamic = asStrings(project.dynamic) ?? [];
  const source = {
    path,
    name: staticString(issues, project, 'name', dynamic),
    version: staticString(issues, project, 'version', dynamic),
    dependencies: list(issues, '[project] dependencies', project.dependencies) ?? [],
    ...optionalOf(project, issues),
    // PEP 518: setuptools is the default.
    buildRequires: list(issues, '[build-system] requires', asTable(document['build-system'])?.requires) ?? [
      'setuptools>=40.8.0',
    ],
  };
  if (dynamic.includes('dependencies')) issues.push(missing('[project] dependencies', true));
  return source;
}

function optionalOf(project: TomlTable, issues: DistIssue[]): Pick<SourceTree, 'optional'> {
  const written = Object.entries(asTable(project['optional-dependencies']) ?? {});
  if (written.length === 0) return {};
  const read = written.map(([extra, value]) => [
    normalizeName(extra),
    list(issues, `[project.optional-dependencies] ${extra}`, value) ?? [],
  ]);
  return { optional: Object.fromEntries(read) as Record<string, string[]> };
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
