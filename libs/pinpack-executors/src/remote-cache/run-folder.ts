// The folder of one run, where its processes meet: events of the store, one warning, and how to reach the run's server. Nx's daemon and
// plugin workers come and go within a run, so nothing of a run is kept in memory alone.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Environment, RunPlan } from './plan-run.js';

export interface Session {
  plan: RunPlan;
  /** The process that uploads, and serves Nx's client unless the user's own server does. */
  server: { url: string; token: string; pid: number };
  /** Of Nx's client, as far as they are known: when all are gone, the run is over. */
  clients: number[];
  isVerbose: boolean;
  /** A file for the summary page of a CI job. */
  jobSummary?: string;
}

const SESSION = 'session.json';
const ID = /^[0-9A-Za-z_-]{1,128}$/;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes the folder of a run, which nobody else may read: it has a token.
 *
 * @param id - Nx's, of this run
 * @returns undefined where no place can be written, and for a second hook of the same run
 */
export function makeRunFolder(id: string, environment: Environment): string | undefined {
  if (!ID.test(id)) return undefined;
  for (const runs of placesOfRuns(environment)) {
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

/** Where there is no home, or it can't be written, the run is told elsewhere. */
function placesOfRuns({ XDG_CACHE_HOME, HOME }: Environment): string[] {
  const cache =
    XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === '' ? join(HOME ?? homedir(), '.cache') : XDG_CACHE_HOME;
  return [join(cache, 'pinpack', 'store', 'runs'), join(tmpdir(), `pinpack-runs-${userInfo().uid}`)];
}

/** The folder of a run that has a session. */
export function findRunFolder(id: string, environment: Environment): string | undefined {
  if (!ID.test(id)) return undefined;
  return placesOfRuns(environment)
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

/** Removes what killed runs left. @param now - milliseconds since 1970 */
export function removeOldRuns(folder: string, now: number): void {
  const runs = join(folder, '..');
  for (const name of readdirSync(runs)) {
    const run = join(runs, name);
    if ((statSync(run, { throwIfNoEntry: false })?.mtimeMs ?? now) < now - KEPT_MS) removeRunFolder(run);
  }
}
