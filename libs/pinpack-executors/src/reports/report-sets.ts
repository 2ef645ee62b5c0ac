// Reports the wheels of each reqset: those that no other reqset has, and those that it shares. Identical wheels are fetched and stored once by digest. Pure.
import type { Lock } from '@pinpack/python-dist';
import { formatBytes } from '@pinpack/common/progress';
import { formatTable } from '@pinpack/common/format-table';

/** A number of wheels and their bytes. */
export interface Amount {
  wheels: number;
  bytes: number;
}

export interface SetReport {
  /** `reqset3`, `multi-py311` */
  label: string;
  pins: number;
  /** Pins that are built from source: the size of their wheels is unknown until they are built. */
  built: number;
  all: Amount;
  /** Wheels of no other set. */
  own: Amount;
  shared: Amount;
  /** The wheels of no other set, largest first. */
  ownWheels: { name: string; version: string; bytes: number }[];
}

export interface Report {
  sets: SetReport[];
  /** Each distinct wheel once, as in the store. */
  distinct: Amount;
  /** Each wheel of each set, as without sharing. */
  added: Amount;
}

export function reportSets(locks: ReadonlyMap<string, Lock>): Report {
  const holders = new Map<string, number>();
  for (const lock of locks.values()) {
    for (const sha256 of new Set(wheelsOf(lock).map((wheel) => wheel.sha256)))
      holders.set(sha256, (holders.get(sha256) ?? 0) + 1);
  }
  const sets = [...locks].map(([label, lock]) => reportSet(label, lock, holders));
  const everyWheel = [...locks.values()].flatMap(wheelsOf);
  return {
    sets,
    distinct: amountOf([...new Map(everyWheel.map((wheel) => [wheel.sha256, wheel])).values()]),
    added: amountOf(everyWheel),
  };
}

interface LockedWheel {
  name: string;
  version: string;
  sha256: string;
  bytes: number;
}

function wheelsOf({ packages }: Lock): LockedWheel[] {
  return packages.flatMap(({ name, version, source }) =>
    source.kind === 'wheel' ? [{ name, version, sha256: source.wheel.sha256, bytes: source.wheel.size }] : [],
  );
}

function reportSet(label: string, lock: Lock, holders: ReadonlyMap<string, number>): SetReport {
  const all = wheelsOf(lock);
  const own = all.filter(({ sha256 }) => holders.get(sha256) === 1);
  return {
    label,
    pins: lock.packages.length,
    built: lock.packages.length - all.length,
    all: amountOf(all),
    own: amountOf(own),
    shared: amountOf(all.filter(({ sha256 }) => holders.get(sha256) !== 1)),
    ownWheels: own.map(({ name, version, bytes }) => ({ name, version, bytes })).sort((a, b) => b.bytes - a.bytes),
  };
}

function amountOf(wheels: readonly { bytes: number }[]): Amount {
  return { wheels: wheels.length, bytes: wheels.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Text output. @param label - the set whose own wheels are listed; undefined for none */
export function formatReport({ sets, distinct, added }: Report, label: string | undefined): string {
  const rows = sets.map(({ label: set, pins, built, all, own, shared }) => [
    set,
    String(pins),
    String(built),
    ...[all, own, shared].map(formatAmount),
  ]);
  const own = sets.find((set) => set.label === label)?.ownWheels ?? [];
  return [
    ...formatTable(['reqset', 'pins', 'from source', 'wheels', 'unique', 'shared'], rows),
    `total ${formatAmount(distinct)}, without sharing ${formatAmount(added)}`,
    ...(label === undefined
      ? []
      : ['', own.length > 0 ? `${label} adds` : `${label} adds no wheels: other reqsets have all of them`]),
    ...formatTable(
      undefined,
      own.map(({ name, version, bytes }) => [`  ${name} ${version}`, formatBytes(bytes)]),
    ),
  ].join('\n');
}

function formatAmount({ wheels, bytes }: Amount): string {
  return `${wheels} (${formatBytes(bytes)})`;
}
