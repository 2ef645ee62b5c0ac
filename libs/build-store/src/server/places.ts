// Limits concurrent requests: in all, and for each identity, so that one caller cannot take the places of the others. Uploads take at most half of
// the places, since their bodies may be slow in coming. Further requests wait in a queue until a deadline.

export interface PlaceLimits {
  /** Concurrent requests. */
  total: number;
  perIdentity: number;
  /** Time that a request may wait, in milliseconds. */
  queueMs: number;
}

interface Waiter {
  identity: string;
  isUpload: boolean;
  grant: () => void;
}

interface Use {
  all: number;
  uploads: number;
}

/** An identity with more requests in the queue is refused at once. */
const MOST_WAITING = 1000;

export class Places {
  private readonly total: Use = { all: 0, uploads: 0 };
  private readonly byIdentity = new Map<string, Use>();
  private readonly waiting = new Set<Waiter>();

  constructor(private readonly limits: PlaceLimits) {}

  /**
   * Takes a place, or waits for one.
   *
   * @param signal - ends the wait
   * @returns a function that releases the place; undefined if there was none before the deadline
   */
  async take(identity: string, isUpload: boolean, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.hasPlace(identity, isUpload)) return this.occupy(identity, isUpload);
    return this.wait(identity, isUpload, signal);
  }

  private occupy(identity: string, isUpload: boolean): () => void {
    const use = this.byIdentity.get(identity) ?? { all: 0, uploads: 0 };
    this.byIdentity.set(identity, use);
    const add = (by: 1 | -1): void => {
      for (const counted of [this.total, use]) {
        counted.all += by;
        if (isUpload) counted.uploads += by;
      }
    };
    add(1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      add(-1);
      if (use.all === 0) this.byIdentity.delete(identity);
      this.grantNext();
    };
  }

  private wait(identity: string, isUpload: boolean, signal: AbortSignal): Promise<(() => void) | undefined> {
    const queued = [...this.waiting].filter((waiter) => waiter.identity === identity).length;
    if (this.limits.queueMs === 0 || queued >= MOST_WAITING || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (release: (() => void) | undefined): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', refuse);
        this.waiting.delete(waiter);
        resolve(release);
      };
      const refuse = (): void => {
        end(undefined);
      };
      const grant = (): void => {
        end(this.occupy(identity, isUpload));
      };
      const waiter: Waiter = { identity, isUpload, grant };
      const timer = setTimeout(refuse, this.limits.queueMs);
      signal.addEventListener('abort', refuse);
      this.waiting.add(waiter);
    });
  }

  /** The place goes to the identity that has the fewest, and to its oldest request. */
  private grantNext(): void {
    let next: Waiter | undefined;
    for (const waiter of this.waiting) {
      if (!this.hasPlace(waiter.identity, waiter.isUpload)) continue;
      if (next === undefined || this.placesOf(waiter.identity) < this.placesOf(next.identity)) next = waiter;
    }
    next?.grant();
  }

  private hasPlace(identity: string, isUpload: boolean): boolean {
    const { total, perIdentity } = this.limits;
    const use = this.byIdentity.get(identity) ?? { all: 0, uploads: 0 };
    if (this.total.all >= total || use.all >= perIdentity) return false;
    return !isUpload || (this.total.uploads < half(total) && use.uploads < half(perIdentity));
  }

  private placesOf(identity: string): number {
    return this.byIdentity.get(identity)?.all ?? 0;
  }
}

function half(places: number): number {
  return Math.max(1, Math.floor(places / 2));
}
