/** What the global set-up tells the test files about the built clone: files beside it, as each test file has a process of its own. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { HarnessError } from './harness-error.js';

const POLL_MS = 200;

/** Forgets what an earlier run said of a clone that is kept. */
export async function clearState(built: string): Promise<void> {
  await Promise.all([rm(readyFile(built), { force: true }), rm(failedFile(built), { force: true })]);
}

export function reportReady(built: string): Promise<void> {
  return writeFile(readyFile(built), '');
}

export function reportFailed(built: string, error: unknown): Promise<void> {
  return writeFile(failedFile(built), error instanceof Error ? error.message : String(error));
}

/** @throws HarnessError `PROGRAM_FAILED` if the clone could not be built */
export async function waitForBuilt(built: string): Promise<void> {
  while ((await readIfThere(readyFile(built))) === undefined) {
    const failure = await readIfThere(failedFile(built));
    if (failure !== undefined) throw new HarnessError('PROGRAM_FAILED', 'the built clone', failure);
    await wait(POLL_MS);
  }
}

function readyFile(built: string): string {
  return `${built}.ready`;
}

function failedFile(built: string): string {
  return `${built}.failed`;
}

function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
