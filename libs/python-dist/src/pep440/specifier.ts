/** Version specifiers (PEP 440, "Version specifiers"), parsed and evaluated as by `packaging.specifiers`. */
import { type DistIssue, distError, issue, throwIssues } from '../dist-error.js';
import { compareVersions } from './version-compare.js';
import { formatVersion, isPreRelease, parseVersion, type Version } from './version.js';

export type SpecifierOperator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '===';

/** `version` is the text as written, without the `.*` of a wildcard. */
export interface Specifier {
  readonly operator: SpecifierOperator;
  readonly version: string;
  readonly wildcard: boolean;
}

const RELEASE = String.raw`v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)`;
const SUFFIXES = [
  String.raw`(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?`,
  String.raw`(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?`,
  String.raw`(?:[-_.]?dev[-_.]?[0-9]*)?`,
].join('');
const LOCAL = String.raw`(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?`;

/** Source of one specifier without surrounding blanks; compile it with the flag `i`. */
export const SPECIFIER_SOURCE = [
  String.raw`===\s*[^\s;)]*`,
  String.raw`(?:==|!=)\s*${RELEASE}*(?:\.\*|${SUFFIXES}${LOCAL})`,
  String.raw`~=\s*${RELEASE}+${SUFFIXES}`,
  String.raw`(?:<=|>=|<|>)\s*${RELEASE}*${SUFFIXES}`,
].join('|');

const ONE_SPECIFIER = new RegExp(`^(?:${SPECIFIER_SOURCE})$`, 'i');
const OPERATOR = /^(?:===|~=|==|!=|<=|>=|<|>)/;

/** Parses a comma-separated set; every version satisfies the empty set. Throws `DIST_SPECIFIER_INVALID`. */
export function parseSpecifierSet(text: string): Specifier[] {
  const issues: DistIssue[] = [];
  const specifiers: Specifier[] = [];
  for (const part of splitSpecifiers(text)) {
    if (ONE_SPECIFIER.test(part)) specifiers.push(parseSpecifier(part));
    else
      issues.push(
        issue('DIST_SPECIFIER_INVALID', `"${part}" is not a version specifier`, 'expected e.g. >=1.2 or ==1.*'),
      );
  }
  throwIssues(text, issues);
  return specifiers;
}

/**
 * Whether the version satisfies every specifier. With `prereleases` false no pre-release does; with true or
 * unset they are treated like any other version (as in `SpecifierSet.contains` since packaging 26).
 */
export function satisfies(
  version: Version,
  specifiers: readonly Specifier[],
  { prereleases }: { readonly prereleases?: boolean } = {},
): boolean {
  if (prereleases === false && isPreRelease(version)) return false;
  return specifiers.every((specifier) => matches(version, specifier));
}

function splitSpecifiers(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseSpecifier(text: string): Specifier {
  const operator = OPERATOR.exec(text)?.[0] as SpecifierOperator | undefined;
  if (operator === undefined) throw distError(text, 'DIST_SPECIFIER_INVALID', 'has no operator');
  const version = text.slice(operator.length).trim();
  const wildcard = operator !== '===' && version.endsWith('.*');
  return { operator, version: wildcard ? version.slice(0, -2) : version, wildcard };
}

function matches(candidate: Version, specifier: Specifier): boolean {
  const { operator, version: text, wildcard } = specifier;
  if (operator === '===') return formatVersion(candidate).toLowerCase() === text.toLowerCase();
  const wanted = parseVersion(text);
  switch (operator) {
    case '==':
      return isEqual(candidate, wanted, wildcard);
    case '!=':
      return !isEqual(candidate, wanted, wildcard);
    case '~=':
      return (
        compareVersions(publicOf(candidate), wanted) >= 0 && hasPrefix(candidate, wanted, wanted.release.length - 1)
      );
    case '<=':
      return compareVersions(publicOf(candidate), wanted) <= 0;
    case '>=':
      return compareVersions(publicOf(candidate), wanted) >= 0;
    case '<':
      return isBefore(candidate, wanted);
    case '>':
      return isAfter(candidate, wanted);
  }
}

function isEqual(candidate: Version, wanted: Version, wildcard: boolean): boolean {
  if (wildcard) return hasPrefix(candidate, wanted, wanted.release.length);
  return compareVersions(wanted.local === undefined ? publicOf(candidate) : candidate, wanted) === 0;
}

function hasPrefix(candidate: Version, wanted: Version, length: number): boolean {
  if (candidate.epoch !== wanted.epoch) return false;
  return wanted.release.slice(0, length).every((part, index) => part === (candidate.release[index] ?? 0));
}

/** `<3.1` excludes the pre-releases of 3.1 itself, unless the specifier is a pre-release. */
function isBefore(candidate: Version, wanted: Version): boolean {
  if (compareVersions(candidate, wanted) >= 0) return false;
  return isPreRelease(wanted) || !isPreRelease(candidate) || !sameRelease(candidate, wanted);
}

/** `>3.1` excludes the post-releases and the local versions of 3.1 itself, unless the specifier is a post-release. */
function isAfter(candidate: Version, wanted: Version): boolean {
  if (compareVersions(candidate, wanted) <= 0) return false;
  if (!sameRelease(candidate, wanted)) return true;
  if (wanted.post === undefined && candidate.post !== undefined) return false;
  return candidate.local === undefined;
}

function publicOf({ local: _local, ...version }: Version): Version {
  return version;
}

function sameRelease(left: Version, right: Version): boolean {
  const base = ({ epoch, release }: Version): Version => ({ epoch, release });
  return compareVersions(base(left), base(right)) === 0;
}
