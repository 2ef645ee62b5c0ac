// Measures the processes that a process has started, from /proc (proc(5)).
import { readdirSync, readFileSync } from 'node:fs';

export interface TreeUsage {
  processIds: number[];
  /** Processes and threads. */
  tasks: number;
  /** Memory that belongs to the processes: without the files that they map. */
  memoryBytes: number;
}

interface ProcessStat {
  id: number;
  parent: number;
  threads: number;
}

/** @param root - a process id, which counts too */
export function measureTree(root: number): TreeUsage {
  const found = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStat(Number(name)) : []));
  const children = groupByParent(found);
  const tree = found.filter(({ id }) => id === root);
  // The array grows while it is read.
  for (const { id } of tree) tree.push(...(children.get(id) ?? []));
  return {
    processIds: tree.map(({ id }) => id),
    tasks: tree.reduce((sum, { threads }) => sum + threads, 0),
    memoryBytes: tree.reduce((sum, { id }) => sum + memoryOf(id), 0),
  };
}

function groupByParent(processes: readonly ProcessStat[]): Map<number, ProcessStat[]> {
  const groups = new Map<number, ProcessStat[]>();
  for (const found of processes) {
    const siblings = groups.get(found.parent);
    if (siblings === undefined) groups.set(found.parent, [found]);
    else siblings.push(found);
  }
  return groups;
}

/** The name, in parentheses, may contain spaces and parentheses. After it: state, parent, … and threads as the 18th. */
function readStat(id: number): ProcessStat[] {
  const text = readIfAlive(`/proc/${id}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 18) return [];
  return [{ id, parent: Number(fields[1]), threads: Number(fields[17]) }];
}

function memoryOf(id: number): number {
  const sizes = readIfAlive(`/proc/${id}/status`).matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm);
  return [...sizes].reduce((sum, [, kibibytes]) => sum + 1024 * Number(kibibytes), 0);
}

/** Processes and threads of a user on this machine. */
export function countTasks(user: number): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.reduce((sum, id) => {
    const text = readIfAlive(`/proc/${id}/status`);
    const isOwn = new RegExp(`^Uid:\\s+${user}\\s`, 'm').test(text);
    return isOwn ? sum + Number(/^Threads:\s+(\d+)$/m.exec(text)?.[1] ?? 0) : sum;
  }, 0);
}

/** A process may end at any time. */
function readIfAlive(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
