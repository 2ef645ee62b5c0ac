// A request that failed for a reason that may pass is made again, a few times, each time within a limit.
import { setTimeout as wait } from 'node:timers/promises';
import type { Attempt } from '../backend.js';
import { Deadline, type S3Limits } from './limits.js';
import { isPassing, storeErrorOf } from './refusal.js';

const RETRY_MS = 100;

export interface AttemptRules {
  /** Of the store, without secrets. */
  label: string;
  limits: Pick<S3Limits, 'attempts'>;
  /** Which errors are worth another attempt. @param count - of the attempts so far */
  isWorthwhile?: (error: unknown, count: number) => boolean;
}

/** @param milliseconds - of one attempt. @throws StoreError */
export async function attempts<T>(
  { label, limits, isWorthwhile = isPassing }: AttemptRules,
  milliseconds: number,
  { signal: asker }: Attempt,
  work: (deadline: Deadline, count: number) => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count++) {
    const deadline = new Deadline(milliseconds, asker);
    try {
      return await work(deadline, count);
    } catch (caught) {
      // Whatever the end of time broke first, it is the reason.
      const error: unknown = deadline.signal.aborted ? deadline.signal.reason : caught;
      const isLast = count === limits.attempts || asker?.aborted === true;
      if (isLast || !isWorthwhile(error, count)) throw storeErrorOf(label, error);
    } finally {
      deadline.end();
    }
    await wait(RETRY_MS * 4 ** (count - 1) * (0.5 + Math.random() / 2));
  }
}
