// Finds the vulnerabilities of pins, one for all its names: a CVE, its GHSA and its PYSEC are the same. Pure.
import { affects, fixesOf } from './affects.js';
import type { OsvRecord } from './osv-record.js';
import { mostSevere, severityOf, type Severity } from './severity.js';

export interface Version {
  /** PEP 503 name. */
  name: string;
  version: string;
}

export interface Vulnerability extends Version {
  /** The CVE if there is one. */
  id: string;
  /** All its names, sorted, `id` included. */
  ids: string[];
  severity: Severity;
  summary: string;
  /** Versions above the pin's in which it is fixed, and which no other known vulnerability affects; the nearest first. */
  fixed: string[];
  /** A page about it. */
  url: string;
}

/** Sorted: the most severe first, then by pin. */
export function findVulnerabilities(pins: readonly Version[], records: readonly OsvRecord[]): Vulnerability[] {
  const byName = new Map<string, OsvRecord[]>();
  for (const record of records)
    for (const name of new Set(record.affected.map((one) => one.name)))
      byName.set(name, [...(byName.get(name) ?? []), record]);
  const found = pins.flatMap((pin) => findOf(pin, byName.get(pin.name) ?? []));
  return found.sort((a, b) => rank(b) - rank(a) || compareTexts(`${a.name} ${a.id}`, `${b.name} ${b.id}`));
}

/** The vulnerabilities of the first version that the second does not have. */
export function fixedBetween(
  name: string,
  { from, to }: { from: string; to: string },
  records: readonly OsvRecord[],
): Vulnerability[] {
  const left = new Set(findVulnerabilities([{ name, version: to }], records).flatMap(({ ids }) => ids));
  return findVulnerabilities([{ name, version: from }], records).filter(({ ids }) => !ids.some((id) => left.has(id)));
}

function findOf({ name, version }: Version, known: readonly OsvRecord[]): Vulnerability[] {
  const affecting = known.filter((record) => affects(record, name, version));
  const fixed = fixesOf(known, name, version);
  return joinAliases(affecting).map((records) => {
    const ids = [...new Set(records.flatMap(({ id, aliases }) => [id, ...aliases]))].sort();
    const texts = records.flatMap(({ severities, affected }) => [
      ...severities,
      ...affected.filter((one) => one.name === name).flatMap((one) => one.severities),
    ]);
    const id = ids.find((one) => one.startsWith('CVE-')) ?? ids.find((one) => one.startsWith('GHSA-')) ?? ids[0] ?? '';
    return {
      ...{ name, version, id, ids, severity: severityOf(texts), fixed },
      summary: records.map(({ summary }) => summary).find((text) => text !== '') ?? '',
      url: urlOf(id, records),
    };
  });
}

/** Groups of records that share a name. */
function joinAliases(records: readonly OsvRecord[]): OsvRecord[][] {
  const groups: { ids: Set<string>; records: OsvRecord[] }[] = [];
  for (const record of records) {
    const ids = new Set([record.id, ...record.aliases]);
    const same = groups.filter((group) => [...ids].some((id) => group.ids.has(id)));
    const joined = {
      ids: new Set([...ids, ...same.flatMap((group) => [...group.ids])]),
      records: [...same.flatMap((group) => group.records), record],
    };
    groups.splice(0, groups.length, ...groups.filter((group) => !same.includes(group)), joined);
  }
  return groups.map((group) => group.records);
}

/** A page that the record names, or else OSV's. */
function urlOf(id: string, records: readonly OsvRecord[]): string {
  const pages = records.flatMap(({ references }) => references.filter(({ type }) => type === 'ADVISORY'));
  const named = pages.find(({ url }) => url.includes(id)) ?? pages[0];
  return named !== undefined && /^https?:\/\/\S+$/.test(named.url) ? named.url : `https://osv.dev/vulnerability/${id}`;
}

function rank({ severity }: Vulnerability): number {
  return ['low', 'medium', 'high', 'unknown', 'critical'].indexOf(severity);
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

export function severityOfAll(vulnerabilities: readonly Vulnerability[]): Severity {
  return mostSevere(vulnerabilities.map(({ severity }) => severity));
}
