// A claim on a name among the processes of a machine. It's a symbolic link whose target names its owner, so it appears whole, and that of a
// killed process is told by its process, not by a clock. What claims guard is right without them too: they only save work done twice.
import { mkdir, readFile, readlink, symlink, unlink } from 'node:fs/promises';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 50;

export interface Claim {
  release(): Promise<void>;
}

interface Owner {
  host: string;
  /** The number of its process is good in its own namespace alone, where containers share a folder. */
  processes: string;
  pid: number;
  /** Ticks from boot, as a number of a process is given out again. */
  started: string;
}

/** Takes a name that is free or whose owner is dead; undefined where its owner lives, or may live: on another machine. */
export async function tryClaim(path: string): Promise<Claim | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const own = JSON.stringify(ownOwner());
  for (;;) {
    try {
      await symlink(own, path);
      return { release: () => unlinkIf(path, own) };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const found = await readlink(path).catch(() => undefined);
    if (found === undefined) continue;
    if ((await livenessOf(found)) !== 'dead') return undefined;
    await unlinkIf(path, found);
  }
}

/** Does the task while holding the name: waits while a living process of this machine has it, and doesn't wait for another machine's. */
export async function withClaim<T>(path: string, task: () => Promise<T>): Promise<T> {
  // Where no claim can be made, on a full disk or in a folder of others, the work is done all the same.
  const claim = await waitForClaim(path).catch(() => undefined);
  try {
    return await task();
  } finally {
    await claim?.release();
  }
}

async function waitForClaim(path: string): Promise<Claim | undefined> {
  for (;;) {
    const claim = await tryClaim(path);
    if (claim !== undefined) return claim;
    const owner = await readlink(path).catch(() => undefined);
    if (owner !== undefined && (await livenessOf(owner)) === 'unknown') return undefined;
    await setTimeout(POLL_MS);
  }
}

/** Whether a claim's owner lives; `unknown` on another machine or in another container. No claim is `dead`. */
export async function livenessOfClaim(path: string): Promise<'alive' | 'dead' | 'unknown'> {
  const owner = await readlink(path).catch(() => undefined);
  return owner === undefined ? 'dead' : livenessOf(owner);
}

async function livenessOf(text: string): Promise<'alive' | 'dead' | 'unknown'> {
  const owner = parseOwner(text);
  if (owner === undefined) return 'dead';
  const own = ownOwner();
  if (owner.host !== own.host || owner.processes !== own.processes) return 'unknown';
  if (!isRunning(owner.pid)) return 'dead';
  const stat = await readFile(`/proc/${owner.pid}/stat`, 'utf8').catch(() => '');
  return startOf(stat) === owner.started && !isZombie(stat) ? 'alive' : 'dead';
}

let known: Owner | undefined;

function ownOwner(): Owner {
  known ??= {
    host: hostname(),
    processes: readOr(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    started: startOf(readOr(() => readFileSync('/proc/self/stat', 'utf8'))),
  };
  return known;
}

/** Field 22 of /proc/<pid>/stat (proc(5)). Empty where there is no /proc. */
function startOf(stat: string): string {
  return fieldsAfterName(stat)[19] ?? '';
}

function isZombie(stat: string): boolean {
  return fieldsAfterName(stat)[0] === 'Z';
}

/** From the third on: the second, the name in parentheses, may have spaces. */
function fieldsAfterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { host, processes, pid, started } = JSON.parse(text) as Partial<Owner>;
    if (host === undefined || processes === undefined || pid === undefined || started === undefined) return undefined;
    return { host, processes, pid, started };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

async function unlinkIf(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) await unlink(path).catch(() => undefined);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
