// Whether a vulnerability affects a version (OSV schema, "Evaluation"), with the order of PEP 440. Pure.
import { compareVersions, parseVersion, type Version } from '@pinpack/python-dist';
import type { OsvAffected, OsvEvent, OsvRecord } from './osv-record.js';

/** @param name - PEP 503 name */
export function affects({ affected }: Pick<OsvRecord, 'affected'>, name: string, version: string): boolean {
  return affected.some((one) => one.name === name && includes(one, version));
}

function includes({ versions, ranges }: OsvAffected, text: string): boolean {
  const version = tryParse(text);
  if (version === undefined) return versions.includes(text);
  return versions.some((one) => isSame(one, version)) || ranges.some((events) => isInRange(events, version));
}

function isSame(text: string, version: Version): boolean {
  const other = tryParse(text);
  return other !== undefined && compare(version, other) === 0;
}

function isInRange(events: readonly OsvEvent[], version: Version): boolean {
  const limits = events.flatMap(({ limit }) => limit ?? []);
  if (limits.length > 0 && !limits.some((limit) => limit === '*' || isBefore(version, limit))) return false;
  let isAffected = false;
  for (const { kind, at } of sorted(events)) {
    const order = at === undefined ? 1 : compare(version, at);
    if (kind === 'introduced' && order >= 0) isAffected = true;
    else if (kind === 'fixed' && order >= 0) isAffected = false;
    else if (kind === 'last_affected' && order > 0) isAffected = false;
  }
  return isAffected;
}

interface Event {
  kind: 'introduced' | 'fixed' | 'last_affected';
  /** Undefined: before every version. */
  at: Version | undefined;
}

const RANK = { introduced: 0, last_affected: 1, fixed: 2 } as const;

/** Without events whose version is none: nothing can be compared with it, and such records list their versions too. */
function sorted(events: readonly OsvEvent[]): Event[] {
  const all = events.flatMap(({ introduced, fixed, last_affected }): Event[] => [
    ...(introduced === '0' ? [{ kind: 'introduced' as const, at: undefined }] : eventOf('introduced', introduced)),
    ...eventOf('fixed', fixed),
    ...eventOf('last_affected', last_affected),
  ]);
  return all.sort((a, b) => {
    if (a.at === undefined || b.at === undefined) return Number(a.at !== undefined) - Number(b.at !== undefined);
    return compareVersions(a.at, b.at) || RANK[a.kind] - RANK[b.kind];
  });
}

function eventOf(kind: Event['kind'], text: string | undefined): Event[] {
  const at = text === undefined ? undefined : tryParse(text);
  return at === undefined ? [] : [{ kind, at }];
}

function isBefore(version: Version, text: string): boolean {
  const other = tryParse(text);
  return other !== undefined && compare(version, other) < 0;
}

/** A local version is a build of its public version, and as vulnerable: `2.1.0+cpu`. */
function compare({ local, ...version }: Version, other: Version): number {
  return compareVersions(other.local === undefined || local === undefined ? version : { ...version, local }, other);
}

function tryParse(text: string): Version | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

/** Versions above the given one in which some of the records are fixed, and which none of them affects; the nearest first. */
export function fixesOf(records: readonly OsvRecord[], name: string, version: string): string[] {
  const current = tryParse(version);
  if (current === undefined) return [];
  const named = records.flatMap(({ affected }) =>
    affected
      .filter((one) => one.name === name)
      .flatMap(({ ranges }) => ranges.flatMap((events) => events.flatMap(({ fixed }) => fixed ?? []))),
  );
  const candidates = [...new Set(named)].flatMap((text) => {
    const parsed = tryParse(text);
    return parsed === undefined || compareVersions(parsed, current) <= 0 ? [] : [{ text, parsed }];
  });
  return candidates
    .sort((a, b) => compareVersions(a.parsed, b.parsed))
    .map(({ text }) => text)
    .filter((text) => !records.some((record) => affects(record, name, text)));
}
