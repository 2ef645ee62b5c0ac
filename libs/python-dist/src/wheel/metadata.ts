/** METADATA of a distribution (core metadata specification, versions 1.0 to 2.5). */
import { type DistIssue, issue, throwIssues } from '../dist-error.js';
import { parseHeaderText, type HeaderText } from './header-text.js';
import { isValidName, normalizeName } from '../names/normalize-name.js';
import { tryParseVersion } from '../pep440/version.js';

export interface ProjectUrl {
  readonly label: string;
  readonly url: string;
}

/** Texts are as written. Fields that are absent, empty or `UNKNOWN` are omitted. */
export interface Metadata {
  readonly metadataVersion: string;
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly description?: string;
  readonly descriptionContentType?: string;
  /** The first line of License: the name of the licence, even if its text follows. */
  readonly license?: string;
  readonly licenseExpression?: string;
  readonly licenseFiles: readonly string[];
  readonly keywords?: string;
  readonly classifiers: readonly string[];
  /** Home-page, else a project URL with a well-known label. */
  readonly homepage?: string;
  readonly projectUrls: readonly ProjectUrl[];
  /** Author, else Author-email. */
  readonly author?: string;
  readonly authorEmail?: string;
  readonly maintainer?: string;
  readonly maintainerEmail?: string;
  readonly requiresDist: readonly string[];
  readonly requiresPython?: string;
  readonly requiresExternal: readonly string[];
  readonly providesExtra: readonly string[];
  readonly dynamic: readonly string[];
}

/** Parses METADATA. Throws `DIST_METADATA_INVALID` with every issue. */
export function parseMetadata(text: string, subject = 'METADATA'): Metadata {
  const headers = parseHeaderText(text, subject, 'DIST_METADATA_INVALID');
  const all = (field: string): readonly string[] => headers.fields.get(field) ?? [];
  const one = (field: string): string | undefined => meaningful(all(field)[0]);
  throwIssues(subject, identityIssues(headers));
  const projectUrls = all('project-url').map(parseProjectUrl);
  return {
    metadataVersion: one('metadata-version') ?? '',
    name: one('name') ?? '',
    version: one('version') ?? '',
    ...optional('summary', one('summary')),
    ...optional('description', descriptionOf(headers)),
    ...optional('descriptionContentType', one('description-content-type')),
    ...optional('license', meaningful(one('license')?.split('\n')[0])),
    ...optional('licenseExpression', one('license-expression')),
    licenseFiles: all('license-file'),
    ...optional('keywords', one('keywords')),
    classifiers: all('classifier'),
    ...optional('homepage', one('home-page') ?? homepageOf(projectUrls)),
    projectUrls,
    ...optional('author', one('author') ?? one('author-email')),
    ...optional('authorEmail', one('author-email')),
    ...optional('maintainer', one('maintainer') ?? one('maintainer-email')),
    ...optional('maintainerEmail', one('maintainer-email')),
    requiresDist: all('requires-dist'),
    ...optional('requiresPython', one('requires-python')),
    requiresExternal: all('requires-external'),
    providesExtra: all('provides-extra'),
    dynamic: all('dynamic'),
  };
}

function identityIssues({ fields }: HeaderText): DistIssue[] {
  const issues: DistIssue[] = [];
  const found: Record<string, string> = {};
  for (const field of ['Metadata-Version', 'Name', 'Version']) {
    const values = fields.get(field.toLowerCase()) ?? [];
    found[field] = values[0]?.trim() ?? '';
    if (values.length !== 1 || found[field] === '') {
      issues.push(
        issue('DIST_METADATA_INVALID', `${field} occurs ${values.length} times`, 'expected once, with a value'),
      );
    }
  }
  const { Name: name = '', Version: version = '' } = found;
  if (name !== '' && !isValidName(name))
    issues.push(issue('DIST_METADATA_INVALID', `Name "${name}" is not a valid name`));
  if (version !== '' && tryParseVersion(version) === undefined) {
    issues.push(issue('DIST_METADATA_INVALID', `Version "${version}" is not a PEP 440 version`));
  }
  return issues;
}

function meaningful(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === undefined || text === '' || text === 'UNKNOWN' ? undefined : text;
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

/** The body, or the Description field, whose continuation lines setuptools indents by eight blanks or seven and a bar. */
function descriptionOf({ fields, body }: HeaderText): string | undefined {
  const field = fields.get('description')?.[0]?.replace(/\n(?: {7}\|| {8})/g, '\n');
  return meaningful(body) === undefined ? meaningful(field) : body;
}

function parseProjectUrl(value: string): ProjectUrl {
  const comma = value.indexOf(',');
  if (comma === -1) return { label: '', url: value.trim() };
  return { label: value.slice(0, comma).trim(), url: value.slice(comma + 1).trim() };
}

/** The well-known labels (packaging.python.org, "Well-known Project URLs in Metadata"), best first. */
function homepageOf(urls: readonly ProjectUrl[]): string | undefined {
  const byLabel = new Map(urls.map(({ label, url }) => [normalizeName(label).replaceAll(/[^a-z0-9]/g, ''), url]));
  for (const label of ['homepage', 'home', 'source', 'repository', 'sourcecode', 'github', 'documentation', 'docs']) {
    const url = byLabel.get(label);
    if (url !== undefined) return url;
  }
  return urls[0]?.url;
}
