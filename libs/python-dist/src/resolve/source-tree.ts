// What pinpack needs of a source tree's pyproject.toml (PEP 518, PEP 621): name, version, dependencies and build requirements, all static.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError, type TomlTable, type TomlValue } from 'smol-toml';
import { distError, issue, throwIssues, type DistIssue } from '../dist-error.js';
import { asTable } from '../lock/table-reader.js';
import type { SourceTree } from '../lock/inputs.js';

export interface Pyproject {
  source: SourceTree;
  /** `[tool.pinpack] reqsets` */
  reqsets: string[];
}

/**
 * @param root - the workspace's root
 * @param path - the source tree's folder, relative to it
 * @returns undefined where `[tool.pinpack]` is absent: the project is none of pinpack's business
 * @throws DistError `SOURCE_INVALID` with every issue
 */
export async function readPyproject(root: string, path: string): Promise<Pyproject | undefined> {
  return parsePyproject(await readFile(join(root, path, 'pyproject.toml'), 'utf8'), path);
}

/** The pure part of `readPyproject`. */
export function parsePyproject(text: string, path: string): Pyproject | undefined {
  const subject = `${path}/pyproject.toml`;
  const document = parseToml(text, subject);
  const settings = asTable(asTable(document.tool)?.pinpack);
  if (settings === undefined) return undefined;
  const issues: DistIssue[] = [];
  const project = asTable(document.project) ?? {};
  const dynamic = strings(project.dynamic) ?? [];
  const string = (key: string): string => {
    const value = project[key];
    if (typeof value === 'string' && value !== '') return value;
    issues.push(missing(`[project] ${key}`, dynamic.includes(key)));
    return '';
  };
  // Never taken for none: a lock without them would be made in silence.
  const list = (field: string, value: TomlValue | undefined, expected: string): string[] | undefined => {
    const found = value === undefined ? undefined : strings(value);
    if (value !== undefined && found === undefined)
      issues.push(issue('SOURCE_INVALID', `${field} is not a list of strings`, expected));
    return found;
  };
  if (dynamic.includes('dependencies')) issues.push(missing('[project] dependencies', true));
  const example = 'expected a list of reqset names, as in: reqsets = ["reqset1"]';
  const reqsets = list('[tool.pinpack] reqsets', settings.reqsets, example);
  if (settings.reqsets === undefined)
    issues.push(issue('SOURCE_INVALID', '[tool.pinpack] reqsets is missing', example));
  const requirements = 'expected a list of requirements, as in: ["numpy>=2"]';
  const buildSystem = asTable(document['build-system']);
  const source = {
    path,
    name: string('name'),
    version: string('version'),
    dependencies: list('[project] dependencies', project.dependencies, requirements) ?? [],
    // PEP 518: without the table, setuptools is what builds.
    buildRequires: list('[build-system] requires', buildSystem?.requires, requirements) ?? ['setuptools>=40.8.0'],
  };
  throwIssues(subject, issues);
  return { source, reqsets: reqsets ?? [] };
}

function parseToml(text: string, subject: string): TomlTable {
  try {
    return asTable(parse(text)) ?? {};
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw distError(`${subject}:${cause.line}:${cause.column}`, 'SOURCE_INVALID', cause.message, { cause });
  }
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

function missing(field: string, isDynamic: boolean): DistIssue {
  return issue(
    'SOURCE_INVALID',
    isDynamic ? `${field} is dynamic` : `${field} is missing`,
    'expected it written out: the lock is made without running the build',
  );
}
