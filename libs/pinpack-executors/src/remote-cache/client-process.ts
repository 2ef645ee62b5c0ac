// Finds the process of Nx's client through /proc. A hook in the daemon does not know its client, and the daemon lacks a part of the client's environment, such as
// GITHUB_*, which shows whether a pull request is built. On systems without /proc the client stays unknown.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import type { Environment } from './plan-run.js';

export interface Client {
  /** More than one if the same command runs several times in the workspace. */
  pids: number[];
  /** The environment that the client was started with; undefined if unknown. */
  environment?: Environment;
}

/**
 * Whether Nx's daemon runs this hook. Nx sets the variable since 22.7. Before, the daemon has a global, and a plugin worker knows its parent alone; where
 * the parent cannot be read, the answer is yes, since the environment of a daemon is not the client's.
 */
export function isUnderDaemon(environment: Environment): boolean {
  const { NX_DAEMON = false, NX_PLUGIN_WORKER = false } = globalThis as {
    NX_DAEMON?: boolean;
    NX_PLUGIN_WORKER?: boolean;
  };
  if (environment.NX_DAEMON_PROCESS === 'true' || NX_DAEMON) return true;
  return NX_PLUGIN_WORKER && isDaemon(process.ppid);
}

function isDaemon(pid: number): boolean {
  try {
    return /[/\\]daemon[/\\]server[/\\]start\.js/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return true;
  }
}

/** The client of a run in Nx's daemon. @param argv - the client's `process.argv` */
export function findDaemonClient(argv: readonly string[], workspaceRoot: string): Client {
  const pids = processes().filter((pid) => isClient(pid, argv, workspaceRoot));
  const [first] = pids;
  return { pids, ...(first !== undefined && { environment: readEnvironment(first) }) };
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function isClient(pid: number, [program, , ...words]: readonly string[], workspaceRoot: string): boolean {
  try {
    // A shell that runs the client may have the same arguments.
    if (readlinkSync(`/proc/${pid}/exe`) !== program) return false;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const script = command.at(-1 - words.length) ?? '';
    const isSame = words.every((word, index) => word === command[command.length - words.length + index]);
    if (!isSame || !/(?:^|[/\\])nx(?:\.js)?$/.test(script)) return false;
    return `${readlinkSync(`/proc/${pid}/cwd`)}${sep}`.startsWith(`${workspaceRoot}${sep}`);
  } catch {
    // The process has ended or belongs to another user.
    return false;
  }
}

function readEnvironment(pid: number): Environment {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => entry.includes('='));
    return Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
  } catch {
    return {};
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
