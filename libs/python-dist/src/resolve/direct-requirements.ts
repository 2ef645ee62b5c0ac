// Requirements by path, URL or repository, in the form that `readRequirements` writes: `demo[x] @ file:libs/demo`. Pure.
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { LockInputs, SourceTree, WrittenRequirement } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import { satisfies } from '../pep440/specifier.js';
import { parseVersion } from '../pep440/version.js';
import { parseRequirement, type Requirement } from '../requirements/requirement.js';

const ARCHIVE = /\.(?:whl|tar\.gz|tgz|zip)(?:#|$)/i;

/** A requirement with a URL, and its line. */
export interface DirectRequirement extends WrittenRequirement {
  /** PEP 503 name. */
  name: string;
  url: string;
}

/** The folders of the workspace that requirements name, relative to its root. */
export function localTrees(requirements: readonly WrittenRequirement[]): string[] {
  return [...new Set(requirements.flatMap(({ text }) => treeOf(parseRequirement(text)) ?? []))];
}

function treeOf({ url }: Requirement): string | undefined {
  return url !== undefined && /^file:(?!\/\/)/.test(url) && !ARCHIVE.test(url) ? url.slice('file:'.length) : undefined;
}

/** All requirements of the inputs, those of source trees and applications with the place of their pyproject.toml. */
export function allRequirements({ requirements, sources, applications = [] }: LockInputs): WrittenRequirement[] {
  const ofSources = sources.flatMap(({ path, dependencies, optional = {} }) =>
    [...dependencies, ...Object.values(optional).flat()].map((text) => ({ text, place: `${path}/pyproject.toml` })),
  );
  const ofGroups = applications.flatMap(({ name, groups = [] }) =>
    groups.map((text) => ({ text, place: `apps/${name}/pyproject.toml` })),
  );
  return [...requirements, ...ofSources, ...ofGroups];
}

/** Those with a URL of a file or a repository, each once. @throws DistError `DIST_RESOLVE_URL` if a name has several URLs */
export function directRequirements(subject: string, all: readonly WrittenRequirement[]): DirectRequirement[] {
  const found = new Map<string, DirectRequirement>();
  const issues: DistIssue[] = [];
  for (const line of all) {
    const requirement = parseRequirement(line.text);
    const { url } = requirement;
    if (url === undefined || treeOf(requirement) !== undefined) continue;
    const name = normalizeName(requirement.name);
    const other = found.get(name);
    if (other === undefined) found.set(name, { ...line, name, url });
    else if (withoutHash(other.url) !== withoutHash(url))
      issues.push(
        issue(
          'DIST_RESOLVE_URL',
          `${line.place}: ${name} is required from ${url}, but from ${other.url} at ${other.place}`,
          'Write one of the URLs in both places.',
        ),
      );
  }
  throwIssues(subject, issues);
  return [...found.values()];
}

function withoutHash(url: string): string {
  return url.replace(/#sha256=.*$/, '');
}

/**
 * A requirement as uv gets it: a URL is replaced by the version that it has, and source trees of the workspace, whose requirements uv gets themselves,
 * are left out.
 */
export function forResolver(text: string, versions: ReadonlyMap<string, string>, own: ReadonlySet<string>): string[] {
  const { name, extras, url, marker } = parseRequirement(text);
  const key = normalizeName(name);
  if (own.has(key)) return [];
  const version = versions.get(key);
  if (url === undefined || version === undefined) return [text];
  const all = extras.length === 0 ? '' : `[${extras.join(',')}]`;
  return [`${name}${all}==${version}${marker === undefined ? '' : ` ; ${marker}`}`];
}

/** Requirements on source trees that their versions do not satisfy. */
export function treeIssues(all: readonly WrittenRequirement[], trees: readonly SourceTree[]): DistIssue[] {
  const byName = new Map(trees.map((tree) => [normalizeName(tree.name), tree]));
  return all.flatMap(({ text, place }) => {
    const { name, specifiers } = parseRequirement(text);
    const tree = byName.get(normalizeName(name));
    if (tree === undefined || specifiers.length === 0) return [];
    if (satisfies(parseVersion(tree.version), [...specifiers])) return [];
    const found = `${place}: ${text} is required, but ${tree.path} has version ${tree.version}`;
    return [
      issue('DIST_RESOLVE_CONFLICT', found, `Change the requirement, or the version in ${tree.path}/pyproject.toml.`),
    ];
  });
}

/** Requires-Dist lines of a source tree, as its wheel will have them. */
export function requiresDistOf({ dependencies, optional = {} }: SourceTree): string[] {
  const ofExtras = Object.entries(optional).flatMap(([extra, lines]) => lines.map((line) => withExtra(line, extra)));
  return [...dependencies, ...ofExtras];
}

function withExtra(text: string, extra: string): string {
  const [, what = text, marker] = /^(.*?)\s*;(.*)$/s.exec(text) ?? [];
  // A blank ends a URL.
  return marker === undefined
    ? `${text} ; extra == '${extra}'`
    : `${what} ; (${marker.trim()}) and extra == '${extra}'`;
}

/** Requirements on pins by URL that their versions do not satisfy: uv does not see all of them. */
export function versionIssues(
  edges: Readonly<Record<string, { requires: readonly string[] }>>,
  versions: ReadonlyMap<string, string>,
): DistIssue[] {
  return Object.entries(edges).flatMap(([requirer, { requires }]) =>
    requires.flatMap((text) => {
      const { name, specifiers } = parseRequirement(text);
      const version = versions.get(normalizeName(name));
      if (version === undefined || satisfies(parseVersion(version), [...specifiers])) return [];
      const found = `${requirer === '' ? 'requirements.txt' : requirer} requires ${text}, but requirements.txt has ${name} ${version} by its URL`;
      return [
        issue('DIST_RESOLVE_CONFLICT', found, `Change the URL of ${name}, or pin another version of ${requirer}.`),
      ];
    }),
  );
}
