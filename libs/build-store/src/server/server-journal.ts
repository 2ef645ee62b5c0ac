// What the store tells of its runs, for a process that has no run and doesn't end: nothing is kept of it.
import type { Latch, RunJournal, StoreEvent } from '../store/run-journal.js';

export class ServerJournal implements RunJournal {
  private readonly latches = new Set<Latch>();
  private code = '';

  constructor(private readonly onFault: (code: string, message: string) => void) {}

  record({ from = '' }: StoreEvent): Promise<void> {
    this.code = from;
    return Promise.resolve();
  }

  warn(message: string): Promise<void> {
    this.onFault(this.code, message);
    return Promise.resolve();
  }

  set(latch: Latch): Promise<void> {
    this.latches.add(latch);
    return Promise.resolve();
  }

  clear(latch: Latch): Promise<void> {
    this.latches.delete(latch);
    return Promise.resolve();
  }

  isSet(latch: Latch): Promise<boolean> {
    return Promise.resolve(this.latches.has(latch));
  }
}
