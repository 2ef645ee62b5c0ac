// Records what a store does in the journal of its run.
import { StoreError } from '../store-error.js';
import type { RunJournal, StoreEvent } from './run-journal.js';

/** Runs a task that may fail without failing the build: a StoreError becomes a warning, and counts as a miss. */
export async function bestEffort<T>(journal: RunJournal, task: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    await journal.warn(error.message);
    return undefined;
  }
}

export async function recordEvent(
  journal: RunJournal,
  event: StoreEvent['event'],
  facts: Partial<StoreEvent>,
): Promise<void> {
  await journal.record({ event, kind: 'content', key: '', name: '', bytes: 0, ms: 0, ...facts });
}

/** @returns the milliseconds since the call */
export function startTimer(): () => number {
  const started = performance.now();
  return () => Math.round(performance.now() - started);
}
