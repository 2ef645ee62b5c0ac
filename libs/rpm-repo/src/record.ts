/** repository.json: what a repository holds, for whoever makes the next release of it. */
import { RepoError } from './repo-error.js';

export interface PublishedPackage {
  name: string;
  /** `[epoch:]version-release` */
  evr: string;
  architecture: string;
  /** In the repository: `packages/….rpm` */
  file: string;
  size: number;
  /** Of the file, in hex. */
  sha256: string;
  /** Of the RPM before it was signed, in hex; the same where it wasn't. */
  unsigned: string;
  /** Of a wheel RPM: what it carries. */
  pin?: { name: string; version: string };
}

export interface Link {
  title: string;
  href: string;
}

export type AdvisoryType = 'newpackage' | 'enhancement' | 'bugfix';

export interface Advisory {
  id: string;
  type: AdvisoryType;
  title: string;
  description: string;
  /** ISO 8601 in UTC, to the second: `2026-11-22T18:44:39Z` */
  date: string;
  references: Link[];
  packages: Pick<PublishedPackage, 'name' | 'evr' | 'architecture' | 'file'>[];
}

export interface RepositoryRecord {
  label: string;
  /** Fingerprint of the key that signed it. */
  key?: string;
  packages: PublishedPackage[];
  advisories: Advisory[];
}

const FORMAT = 1;

export function formatRepositoryRecord({ label, key, packages, advisories }: RepositoryRecord): string {
  const record = { format: FORMAT, label, ...(key !== undefined && { key }), packages, advisories };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** @param subject - where it lies, for messages. @throws RepoError `REPO_RECORD_INVALID` with every problem */
export function parseRepositoryRecord(text: string, subject: string): RepositoryRecord {
  const value = parseJson(text, subject);
  const problems = recordProblems(value);
  if (problems.length > 0)
    throw new RepoError('REPO_RECORD_INVALID', subject, ["not a repository of pinpack's", ...problems]);
  const { label, key, packages, advisories } = value as RepositoryRecord;
  return { label, ...(key !== undefined && { key }), packages, advisories };
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RepoError('REPO_RECORD_INVALID', subject, 'it is no JSON', { cause });
  }
}

function recordProblems(value: unknown): string[] {
  if (!isObject(value)) return ['it is no object'];
  const { format, label, packages, advisories } = value;
  if (format !== FORMAT)
    return [`its format is ${JSON.stringify(format)}, expected ${FORMAT}. Was it published by a newer pinpack?`];
  const checks: [string, boolean][] = [
    ['label is a text', typeof label === 'string'],
    [
      'packages have name, evr, architecture, file, size, sha256 and unsigned',
      Array.isArray(packages) && packages.every(isPackage),
    ],
    [
      'advisories have id, type, title, description, date, references and packages',
      Array.isArray(advisories) && advisories.every(isAdvisory),
    ],
  ];
  return checks.filter(([, holds]) => !holds).map(([rule]) => `expected that ${rule}`);
}

/** What becomes a path or a digest is looked at most closely: it comes from elsewhere. */
function isPackage(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { file, size, sha256, unsigned } = value;
  const isIdentified = ['name', 'evr', 'architecture'].every((key) => typeof value[key] === 'string');
  return isIdentified && isFile(file) && Number.isSafeInteger(size) && isSha256(sha256) && isSha256(unsigned);
}

function isFile(value: unknown): boolean {
  return typeof value === 'string' && /^packages\/[^/]+\.rpm$/.test(value);
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isAdvisory(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { references, packages } = value;
  const areTexts = ['id', 'type', 'title', 'description', 'date'].every((key) => typeof value[key] === 'string');
  return areTexts && Array.isArray(references) && Array.isArray(packages);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
