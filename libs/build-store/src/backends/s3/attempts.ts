// Repeats a request that failed for a transient reason. Each attempt has a deadline of its own.
import { setTimeout as wait } from 'node:timers/promises';
import type { Attempt } from '../backend.js';
import { Deadline, type S3Limits } from './limits.js';
import { isTransient, storeErrorOf } from './response-error.js';

const RETRY_MS = 100;

export interface AttemptRules {
  /** Name of the store in messages, without secrets. */
  label: string;
  limits: Pick<S3Limits, 'attempts'>;
  /** Decides whether to try again after an error. @param count - number of attempts made so far */
  isWorthwhile?: (error: unknown, count: number) => boolean;
}

/** @param milliseconds - time limit of one attempt. @throws StoreError */
export async function attempts<T>(
  { label, limits, isWorthwhile = isTransient }: AttemptRules,
  milliseconds: number,
  { signal: callerSignal }: Attempt,
  work: (deadline: Deadline, count: number) => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count++) {
    const deadline = new Deadline(milliseconds, callerSignal);
    try {
      return await work(deadline, count);
    } catch (caught) {
      // An expired deadline breaks whatever is running, so it is the cause of any error that follows it.
      const error: unknown = deadline.signal.aborted ? deadline.signal.reason : caught;
      const isLast = count === limits.attempts || callerSignal?.aborted === true;
      if (isLast || !isWorthwhile(error, count)) throw storeErrorOf(label, error);
    } finally {
      deadline.end();
    }
    await wait(RETRY_MS * 4 ** (count - 1) * (0.5 + Math.random() / 2));
  }
}
