// Tries advice before it is printed: resolves the set with lines changed as the advice would change them.
import { formatVersion, isPreRelease, tryParseVersion } from '../pep440/version.js';
import { normalizeName } from '../names/normalize-name.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parseRequirement } from '../requirements/requirement.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { Uv } from '../uv/uv.js';
import { ResolutionError, type Resolved } from './compile.js';

/** A change of the set. */
export interface Change {
  /** New texts of lines, by their texts. */
  lines?: ReadonlyMap<string, string>;
  /** Further constraints. */
  added?: readonly string[];
  /** PEP 503 names of further distributions that are built from source. */
  built?: readonly string[];
}

/** Resolves the changed set. */
export type Attempt = (change: Change) => Promise<Resolved[] | ResolutionError>;

/** The requirement without its versions; extras and marker stay. */
export function relax(text: string): string {
  const { name, extras, marker } = parseRequirement(text);
  const all = extras.length === 0 ? '' : `[${extras.join(',')}]`;
  return `${name}${all}${marker === undefined ? '' : ` ; ${marker}`}`;
}

/**
 * The versions that the set has if these lines allow every version.
 *
 * @returns by PEP 503 name; undefined if the set has no solution then, or no compatible wheel of one of them
 */
export async function versionsWithout(
  texts: readonly string[],
  attempt: Attempt,
  { uv, target, built }: { uv: Uv; target: TargetEnvironment; built: ReadonlySet<string> },
): Promise<Map<string, string> | undefined> {
  const resolved = await attempt({ lines: new Map(texts.map((text) => [text, relax(text)])) });
  if (resolved instanceof ResolutionError) return undefined;
  const names = new Set(texts.map((text) => normalizeName(parseRequirement(text).name)));
  const found = resolved.filter(({ name }) => names.has(name));
  const candidates = Object.fromEntries(found.map(({ name, wheels }) => [name, wheels.map((wheel) => wheel.name)]));
  const best = await chooseWheels(uv, target, candidates);
  // uv takes a pre-release if no other version fits, which nobody should be advised to pin.
  const isUnfit = ({ name, version }: Resolved): boolean =>
    (best[name] === null && !built.has(name)) || isPreReleaseText(version);
  if (found.some(isUnfit)) return undefined;
  return new Map(found.map(({ name, version }) => [name, canonical(version)]));
}

function isPreReleaseText(version: string): boolean {
  const parsed = tryParseVersion(version);
  return parsed !== undefined && isPreRelease(parsed);
}

function canonical(version: string): string {
  const parsed = tryParseVersion(version);
  return parsed === undefined ? version : formatVersion(parsed);
}
