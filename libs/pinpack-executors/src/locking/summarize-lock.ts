// Summarizes what a new lock changes: a count, one line for each changed pin or application, and what hosts have to do about versions that moved backwards.
import { applicationsOf, compareVersions, parseVersion, plainVersion, type Lock } from '@pinpack/python-dist';

interface Locked {
  version: string;
  release: number;
  /** What is compared, if not the version: that of a Python without the GIL ends in `t`. */
  comparable?: string;
}

/** @param label - the set's: `multi-py311` */
export function summarizeLock(label: string, made: Lock, previous: Lock | undefined): string {
  const [before, after] = [locked(previous), locked(made)];
  const changed = [...after].filter(([name, now]) => format(before.get(name)) !== format(now));
  const removed = [...before].filter(([name]) => !after.has(name));
  const lines = [
    ...changed.map(([name, now]) => {
      const was = before.get(name);
      return was === undefined ? `  + ${name} ${format(now)}` : `  ~ ${name} ${format(was)} → ${format(now)}`;
    }),
    ...removed.map(([name, was]) => `  - ${name} ${format(was)}`),
  ];
  const backwards = changed.flatMap(([name, now]) => (isOlder(now, before.get(name)) ? [name] : []));
  if (backwards.length > 0) {
    const verb = backwards.length === 1 ? 'moves' : 'move';
    lines.push(`note: ${backwards.join(', ')} ${verb} backwards, so hosts need: dnf distro-sync '${label}-*'`);
  }
  const counted = lines.length === 0 ? 'nothing changed' : `${changed.length + removed.length} changed`;
  return [`${label}: ${made.packages.length} pins locked, ${counted}`, ...lines].join('\n');
}

function locked(lock: Lock | undefined): Map<string, Locked> {
  if (lock === undefined) return new Map();
  const applications = applicationsOf(lock).map((app) => ({ ...app, name: `application ${app.name}` }));
  const { interpreter, python } = lock;
  const bundled =
    interpreter === undefined
      ? []
      : [{ name: 'Python', version: python, comparable: plainVersion(python), release: interpreter.release }];
  return new Map([...lock.packages, ...bundled, ...applications].map((one) => [one.name, one]));
}

function format(locked: Locked | undefined): string {
  return locked === undefined ? '' : `${locked.version}-${locked.release}`;
}

function isOlder(now: Locked, before: Locked | undefined): boolean {
  if (before === undefined) return false;
  const [newer, older] = [now, before].map(({ version, comparable = version }) => parseVersion(comparable));
  const order = newer === undefined || older === undefined ? 0 : compareVersions(newer, older);
  return order < 0 || (order === 0 && now.release < before.release);
}
