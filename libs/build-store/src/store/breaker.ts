// Stops asking a store that fails: a dead one costs a run seconds in all, and not seconds a task.
import type { StoreError } from '../store-error.js';
import type { RunJournal } from './run-journal.js';

export interface BreakerOptions {
  /** So many faults without an answer between them open it. */
  faults: number;
  /** A fault that cost so many milliseconds opens it by itself: each task would wait as long. */
  slowMs: number;
  /** After so many milliseconds the store is asked again: for servers, that outlive the fault. Default: not in this run. */
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

  /** Whether the store is not to be asked: by this process's experience, or another's of the run. */
  async isOpen(): Promise<boolean> {
    const { retryAfterMs = Infinity } = this.options;
    if (this.openedAt !== undefined && performance.now() - this.openedAt >= retryAfterMs) {
      // One more fault opens it again.
      this.faults = this.options.faults - 1;
      this.openedAt = undefined;
      await this.journal.clear('open');
    }
    return this.openedAt !== undefined || (await this.journal.isSet('open'));
  }

  answered(): void {
    this.faults = 0;
  }

  /** @param ms - that it took */
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
