// Describes a set for the page: its lock, joined with the facts of other sources. Pure.
import {
  applicationsOf,
  compareVersions,
  normalizeName,
  parseRequirement,
  parseVersion,
  type Lock,
  type LockedPackage,
  type LockInputs,
} from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import type { LicensesOptions } from '../workspace/plugin-options.js';
import { checkPolicy, licenseProblem } from '../licensing/license-policy.js';
import type { AuditedVulnerability } from '../vulnerabilities/exceptions.js';
import { layoutDependencies } from './dependency-layout.js';
import type { ChangesData, PinData, RootData, SetData, VulnerabilityData } from './page-data.js';
import type { BuiltFacts } from './read-built.js';
import type { IndexFacts } from './read-index.js';
import type { PublishedFacts } from './read-published.js';

type Known<Facts> = ReadonlyMap<string, Facts>;

export interface SetFacts {
  set: string;
  lock: Lock;
  requirements: LockInputs['requirements'];
  policy: LicensesOptions | undefined;
  /** The rest by PEP 503 names; undefined if the source is missing. */
  built: Known<BuiltFacts> | undefined;
  index: Known<IndexFacts> | undefined;
  newest: Known<string> | undefined;
  vulnerabilities: readonly AuditedVulnerability[];
  /** The latest publication. */
  published: PublishedFacts | undefined;
  /** Past durations of tasks in milliseconds, by their ids. */
  durations: ReadonlyMap<string, number>;
}

/** @throws PinpackError `PINPACK_OPTIONS_INVALID` for an invalid policy */
export function describeSet(facts: SetFacts): Omit<SetData, 'sources'> {
  const { set, lock, requirements, policy, published } = facts;
  checkPolicy(policy ?? {});
  const label = setLabel(set);
  const indexOf = indexing(lock.packages.map(({ name }) => name));
  const requires = lock.packages.map((pin) => requirementsOf(pin, indexOf));
  const { positions, cycles } = layoutDependencies(requires.map((edges) => edges.map(([target]) => target)));
  const changes = published === undefined ? undefined : changesSince(published, lock);
  return {
    label,
    target: [`Python ${lock.python}`, lock.platform],
    pins: lock.packages.map((pin, at) =>
      pinOf(pin, facts, { requires: requires[at] ?? [], at: positions[at] ?? [0, 0] }),
    ),
    roots: rootsOf(lock, requirements, indexOf),
    applications: applicationsOf(lock).map(({ name, version, wheels }) => ({
      name,
      version,
      pins: wheels.flatMap((wheel) => indexOf(wheel.name)),
    })),
    cycles,
    vulnerabilities: facts.vulnerabilities.flatMap((one) =>
      indexOf(one.name).map((pin) => describeVulnerability(one, pin)),
    ),
    ...(changes !== undefined && { changes }),
    durations: durationsOf(label, facts.durations),
  };
}

/** The index of a key, or none. */
export function indexing(keys: readonly string[]): (key: string) => number[] {
  const indexes = new Map(keys.map((key, at) => [key, at]));
  return (key) => {
    const at = indexes.get(key);
    return at === undefined ? [] : [at];
  };
}

function requirementsOf({ requires }: LockedPackage, indexOf: (name: string) => number[]): [number, string][] {
  return requires.flatMap((text) => indexOf(nameOf(text)).map((at): [number, string] => [at, text]));
}

function nameOf(requirement: string): string {
  return normalizeName(parseRequirement(requirement).name);
}

function pinOf(pin: LockedPackage, facts: SetFacts, placed: Pick<PinData, 'requires' | 'at'>): PinData {
  const { name, version, source } = pin;
  const { license: indexLicense, ...index } = facts.index?.get(name) ?? {};
  const { license = indexLicense, ...built } = facts.built?.get(name) ?? {};
  const newest = facts.newest?.get(name);
  const problem = refusal(facts.policy, pin, license);
  const file = 'wheel' in source ? source.wheel : source.kind === 'sdist' ? source.sdist : undefined;
  return {
    ...{ name, version, origin: source.kind, ...placed, links: [] },
    ...(file !== undefined && { file: file.name, sha256: file.sha256 }),
    ...('wheel' in source && { download: source.wheel.size }),
    ...index,
    ...built,
    ...(license !== undefined && { license: { ...license, ...(problem !== undefined && { problem }) } }),
    ...(newest !== undefined && { newest }),
  };
}

/** Source trees of the workspace have no licence to review. */
function refusal(
  policy: LicensesOptions | undefined,
  { name, version, source }: LockedPackage,
  license: PinData['license'],
): string | undefined {
  if (policy === undefined || license === undefined || source.kind === 'directory') return undefined;
  const { text, isExpression } = license;
  return licenseProblem(policy, { name, version, license: isExpression ? { expression: text } : { text } });
}

function rootsOf(
  { applications }: Lock,
  requirements: SetFacts['requirements'],
  indexOf: (name: string) => number[],
): RootData[] {
  const roots = [
    ...requirements.map(({ place, text }) => ({ text: `${place}: ${text}`, name: nameOf(text) })),
    ...applications.map(({ name, library }) => ({ text: `application ${name}`, name: library })),
  ];
  return roots.flatMap(({ text, name }) => indexOf(name).map((pin) => ({ text, pin })));
}

export function describeVulnerability(found: AuditedVulnerability, pin: number): VulnerabilityData {
  const { id, severity, summary, fixed, url, exception } = found;
  return {
    ...{ pin, id, severity, summary, fixed },
    ...(url !== '' && { url }),
    ...(exception !== undefined && {
      exception: `${exception.status} until ${exception.expires}: ${exception.reason}`,
    }),
  };
}

/** Compares by the pins that the publication's RPMs carry. */
export function changesSince(
  { id, time, record }: Pick<PublishedFacts, 'id' | 'time' | 'record'>,
  { packages }: { packages: readonly { name: string; version: string }[] },
): ChangesData {
  const before = new Map(record.packages.flatMap(({ pin }) => (pin === undefined ? [] : [[pin.name, pin.version]])));
  const after = new Map(packages.map(({ name, version }) => [name, version]));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return {
    since: { id, time },
    pins: names.flatMap((name) => {
      const [was, now] = [before.get(name), after.get(name)];
      if (was === now) return [];
      return [
        {
          name,
          ...(was !== undefined && { before: was }),
          ...(now !== undefined && { after: now }),
          notes: isOlder(was, now) ? ['older: hosts need dnf distro-sync'] : [],
        },
      ];
    }),
  };
}

function isOlder(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return compareVersions(parseVersion(after), parseVersion(before)) < 0;
}

/** A task is `<project>:<target>`; projects of a set begin with its label. */
function durationsOf(label: string, durations: ReadonlyMap<string, number>): SetData['durations'] {
  const own = [...durations].filter(([task]) => task.startsWith(`${label}-`) || task.startsWith(`${label}:`));
  return own.map(([task, ms]) => ({ task, ms })).sort((a, b) => b.ms - a.ms);
}
