// Circuit breaker: stops requests to a failing store, so that an unavailable one costs a run seconds in total instead of seconds per task.
import type { StoreError } from '../store-error.js';
import type { RunJournal } from './run-journal.js';

export interface BreakerOptions {
  /** Number of consecutive failures that open the breaker. */
  faults: number;
  /** A single failure that took this long opens it: each task would wait as long. */
  slowMs: number;
  /** Time until the next attempt, for servers. Default: no further attempt in this run. */
  retryAfterMs?: number | undefined;
}

export const BREAKER_OPTIONS: BreakerOptions = { faults: 3, slowMs: 2000 };

export class Breaker {
  private faults = 0;
  private openedAt: number | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly journal: RunJournal,
    private readonly options: BreakerOptions = BREAKER_OPTIONS,
  ) {}

  /** Whether this process or another one of the run opened the breaker. */
  async isOpen(): Promise<boolean> {
    const { retryAfterMs = Infinity } = this.options;
    if (this.openedAt !== undefined && performance.now() - this.openedAt >= retryAfterMs) {
      // One more failure opens it again.
      this.faults = this.options.faults - 1;
      this.openedAt = undefined;
      await this.journal.clear('open');
    }
    return this.openedAt !== undefined || (await this.journal.isSet('open'));
  }

  answered(): void {
    this.faults = 0;
  }

  /** @param ms - duration of the failed request */
  async failed(error: StoreError, ms: number): Promise<void> {
    this.faults++;
    const isHopeless = error.code === 'STORE_FORBIDDEN' || ms >= this.options.slowMs;
    if (this.faults < this.options.faults && !isHopeless) return;
    this.openedAt = performance.now();
    for (const listener of this.listeners) listener();
    await this.journal.set('open');
  }

  onOpen(listener: () => void): void {
    this.listeners.push(listener);
  }
}
