// Manages the folder of one run, which its processes share: events of the store, one warning, and the address of the run's server. Nx's daemon and plugin workers
// may be replaced during a run, so the state of a run is never only in memory.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Environment, RunPlan } from './plan-run.js';

export interface Session {
  plan: RunPlan;
  /** The process that uploads and, without a server of the user's, serves Nx's client. */
  server: { url: string; token: string; pid: number };
  /** Process ids of Nx's client, if known: the run is over when all have ended. */
  clients: number[];
  isVerbose: boolean;
  /** The file of the summary page of a CI job. */
  jobSummary?: string;
}

const SESSION = 'session.json';
const ID = /^[0-9A-Za-z_-]{1,128}$/;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes the folder of a run, readable by the user only because it contains a token.
 *
 * @param id - Nx's id of the run
 * @returns undefined if no folder can be written, and for a second hook of the same run
 */
export function makeRunFolder(id: string, environment: Environment): string | undefined {
  if (!ID.test(id)) return undefined;
  for (const runs of runsFolders(environment)) {
    try {
      mkdirSync(runs, { recursive: true, mode: 0o700 });
      mkdirSync(join(runs, id), { mode: 0o700 });
      return join(runs, id);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    }
  }
  return undefined;
}

/** Without a writable home, the temporary folder is used. */
function runsFolders({ XDG_CACHE_HOME, HOME }: Environment): string[] {
  const cache =
    XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === '' ? join(HOME ?? homedir(), '.cache') : XDG_CACHE_HOME;
  return [join(cache, 'pinpack', 'store', 'runs'), join(tmpdir(), `pinpack-runs-${userInfo().uid}`)];
}

/** The folder of a run that has a session. */
export function findRunFolder(id: string, environment: Environment): string | undefined {
  if (!ID.test(id)) return undefined;
  return runsFolders(environment)
    .map((runs) => join(runs, id))
    .find((folder) => readSession(folder) !== undefined);
}

export function writeSession(folder: string, session: Session): void {
  const temporary = join(folder, `${SESSION}.tmp`);
  writeFileSync(temporary, JSON.stringify(session), { mode: 0o600 });
  renameSync(temporary, join(folder, SESSION));
}

export function readSession(folder: string): Session | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, SESSION), 'utf8')) as Session;
  } catch {
    return undefined;
  }
}

export function removeRunFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Removes the folders of killed runs. @param now - milliseconds since 1970 */
export function removeOldRuns(folder: string, now: number): void {
  const runs = join(folder, '..');
  for (const name of readdirSync(runs)) {
    const run = join(runs, name);
    if ((statSync(run, { throwIfNoEntry: false })?.mtimeMs ?? now) < now - KEPT_MS) removeRunFolder(run);
  }
}
