// Compares two locks of a set, for the reviewers of a pull request. Pure.
import { formatBytes } from '@pinpack/common/progress';
import { applicationsOf, compareVersions, parseVersion, type Lock, type LockedPackage } from '@pinpack/python-dist';

/** A pin in one of the locks. */
export interface PinState {
  version: string;
  release: number;
  /** Of the wheel. Undefined if it is built here: then its size is unknown. */
  bytes?: number;
}

export interface PinChange {
  name: string;
  before?: PinState;
  after?: PinState;
  /** For reviewers: `now built from source`. */
  notes: string[];
}

export interface LockChanges {
  pins: { before: number; after: number };
  /** Sizes of all wheels of the index. */
  bytes: { before: number; after: number };
  changed: PinChange[];
  /** Settings that affect every RPM: `Python 3.11.2 → 3.12.1`. */
  settings: string[];
  /** Applications whose RPM changes: `web_service 1.0-2 → 1.0-3`. */
  applications: string[];
}

/** @param before - undefined if the set is new */
export function compareLocks(before: Lock | undefined, after: Lock): LockChanges {
  const was = new Map(before?.packages.map((pin) => [pin.name, pin]));
  const now = new Map(after.packages.map((pin) => [pin.name, pin]));
  const names = [...new Set([...was.keys(), ...now.keys()])].sort();
  return {
    pins: { before: was.size, after: now.size },
    bytes: { before: bytesOf(before), after: bytesOf(after) },
    changed: names.flatMap((name) => compare(name, was.get(name), now.get(name)) ?? []),
    settings: before === undefined ? [] : compareSettings(before, after),
    applications: compareApplications(before, after),
  };
}

function compare(name: string, was: LockedPackage | undefined, now: LockedPackage | undefined): PinChange | undefined {
  const notes = was === undefined || now === undefined ? startNotes(now) : changeNotes(was, now);
  const isSame = was?.version === now?.version && was?.release === now?.release;
  if (isSame && notes.length === 0) return undefined;
  return { name, ...(was && { before: stateOf(was) }), ...(now && { after: stateOf(now) }), notes };
}

function stateOf({ version, release, source }: LockedPackage): PinState {
  return { version, release, ...(source.kind === 'wheel' && { bytes: source.wheel.size }) };
}

function startNotes(now: LockedPackage | undefined): string[] {
  return now !== undefined && isBuilt(now) ? ['built from source'] : [];
}

function changeNotes(was: LockedPackage, now: LockedPackage): string[] {
  const order = compareVersions(parseVersion(now.version), parseVersion(was.version));
  const [builtBefore, builtNow] = [isBuilt(was), isBuilt(now)];
  return [
    ...(order < 0 || (order === 0 && now.release < was.release) ? ['**older**: hosts need `dnf distro-sync`'] : []),
    ...(builtNow && !builtBefore ? ['now built from source'] : []),
    ...(builtBefore && !builtNow ? ['no longer built from source'] : []),
    ...(order === 0 && fileOf(was) !== fileOf(now) ? ['the same version from **another file**'] : []),
    ...(indexOf(was) === indexOf(now) ? [] : [`from the index ${indexOf(now)} instead of ${indexOf(was)}`]),
    ...buildNotes(was, now),
  ];
}

function isBuilt({ source }: LockedPackage): boolean {
  return source.kind === 'sdist' || source.kind === 'directory';
}

/** The digest of the file that is installed or built. */
function fileOf({ source }: LockedPackage): string | undefined {
  if (source.kind === 'directory') return undefined;
  return source.kind === 'sdist' ? source.sdist.sha256 : source.wheel.sha256;
}

function indexOf({ source }: LockedPackage): string {
  const file = source.kind === 'wheel' ? source.wheel : source.kind === 'sdist' ? source.sdist : undefined;
  return file?.index ?? 'default';
}

function buildNotes({ source: was }: LockedPackage, { source: now }: LockedPackage): string[] {
  if (!('buildRequires' in was && 'buildRequires' in now)) return [];
  const before = new Map(was.buildRequires.map(({ name, version }) => [name, version]));
  const changed = now.buildRequires.filter(({ name, version }) => before.get(name) !== version);
  if (changed.length === 0) return [];
  return [`built with ${changed.map(({ name, version }) => `${name} ${version}`).join(', ')}`];
}

function compareSettings(before: Lock, after: Lock): string[] {
  const settings = ({ python, platform, layout, bytecode, compression }: Lock): [string, string][] => [
    ['Python', python],
    ['platform', platform],
    ['layout', layout],
    ['bytecode', String(bytecode)],
    ['compression', compression ?? 'default'],
  ];
  const was = new Map(settings(before));
  return settings(after).flatMap(([name, value]) =>
    was.get(name) === value ? [] : [`${name} ${was.get(name)} → ${value}`],
  );
}

function compareApplications(before: Lock | undefined, after: Lock): string[] {
  const versions = (lock: Lock): [string, string][] =>
    applicationsOf(lock).map(({ name, version, release }) => [name, `${version}-${release}`]);
  const was = new Map(before === undefined ? [] : versions(before));
  const now = new Map(versions(after));
  return [...new Set([...was.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [old, made] = [was.get(name), now.get(name)];
    return old === made ? [] : [`${name} ${[old ?? 'new', made ?? 'removed'].join(' → ')}`];
  });
}

function bytesOf(lock: Lock | undefined): number {
  const sizes = lock?.packages.map(({ source }) => (source.kind === 'wheel' ? source.wheel.size : 0)) ?? [];
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Markdown; empty if nothing has changed. @param label - the set's: `multi-py311` */
export function formatChanges(label: string, { pins, bytes, changed, settings, applications }: LockChanges): string {
  if (changed.length === 0 && settings.length === 0 && applications.length === 0) return '';
  const count = (kind: string, matches: (change: PinChange) => boolean): string[] => {
    const found = changed.filter(matches).length;
    return found === 0 ? [] : [`${found} ${kind}`];
  };
  const counts = [
    ...count('added', ({ before }) => before === undefined),
    ...count('removed', ({ after }) => after === undefined),
    ...count('changed', ({ before, after }) => before !== undefined && after !== undefined),
  ];
  const difference = bytes.after - bytes.before;
  return [
    `### ${label}: ${pins.after} pins${counts.length === 0 ? '' : `, ${counts.join(', ')}`}`,
    '',
    ...settings.map((line) => `- ${line}`),
    ...applications.map((line) => `- application ${line}`),
    `- wheels ${formatBytes(bytes.after)}${difference === 0 ? '' : ` (${formatDifference(difference)})`}`,
    ...(changed.length === 0 ? [] : ['', '| pin | before | after | wheel | |', '| --- | --- | --- | --: | --- |']),
    ...changed.map(formatRow),
    '',
  ].join('\n');
}

function formatRow({ name, before, after, notes }: PinChange): string {
  const isRelease = before !== undefined && before.version === after?.version;
  const shown = (state: PinState | undefined): string => {
    if (state === undefined) return '';
    return isRelease ? `${state.version}-${state.release}` : state.version;
  };
  return `| ${[name, shown(before), shown(after), formatSize(before, after), notes.join('; ')].join(' | ')} |`;
}

function formatSize(before: PinState | undefined, after: PinState | undefined): string {
  if (after?.bytes === undefined) return before?.bytes === undefined ? '' : formatDifference(-before.bytes);
  if (before?.bytes === undefined || before.bytes === after.bytes) return formatBytes(after.bytes);
  return `${formatBytes(after.bytes)} (${formatDifference(after.bytes - before.bytes)})`;
}

function formatDifference(bytes: number): string {
  return `${bytes < 0 ? '−' : '+'}${formatBytes(Math.abs(bytes))}`;
}
