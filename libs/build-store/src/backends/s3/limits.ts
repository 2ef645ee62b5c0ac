// Time limits of requests to S3. Without them a request to a frozen server would never end.

export interface S3Limits {
  /** Limit for opening a connection, in milliseconds. */
  connectMs: number;
  /** Limit for finding credentials. The last step of the SDK's chain asks the metadata service of a cloud instance, which may not answer. */
  credentialsMs: number;
  /** Limit from the end of a request to the headers of its response. */
  answerMs: number;
  /** The same limit for uploads and copies. Nothing waits for an upload, and some servers serialize writers of one key. */
  storedMs: number;
  /** Longest pause within a body. */
  stallMs: number;
  /** Number of attempts of one request, including the first. */
  attempts: number;
}

export const S3_LIMITS: S3Limits = {
  connectMs: 3000,
  credentialsMs: 5000,
  answerMs: 5000,
  storedMs: 30_000,
  stallMs: 10_000,
  attempts: 3,
};

const SLOWEST_BYTES_PER_MS = 1000;
const TOTALS = {
  download: { leastMs: 10_000, mostMs: 120_000 },
  upload: { leastMs: 45_000, mostMs: 15 * 60_000 },
};

/** Time limit of one attempt to transfer a body: a minimum, plus one second for each MB, up to a maximum. */
export function totalMs(size: number, direction: keyof typeof TOTALS): number {
  const { leastMs, mostMs } = TOTALS[direction];
  return Math.min(mostMs, leastMs + size / SLOWEST_BYTES_PER_MS);
}

/** Time limit of one attempt. Its signal aborts when the time is over or when the caller's signal aborts, until `end()` is called. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly start = Date.now();
  private readonly abortWithCaller = (): void => {
    this.controller.abort(this.callerSignal?.reason);
  };
  private timer: NodeJS.Timeout | undefined;

  constructor(
    milliseconds: number,
    private readonly callerSignal: AbortSignal | undefined,
  ) {
    if (callerSignal?.aborted === true) this.abortWithCaller();
    callerSignal?.addEventListener('abort', this.abortWithCaller, { once: true });
    this.set(milliseconds);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @param milliseconds - counted from the start of the attempt */
  set(milliseconds: number): void {
    clearTimeout(this.timer);
    const expire = (): void => {
      this.controller.abort(new DOMException(`not done in ${Math.round(milliseconds)} ms`, 'TimeoutError'));
    };
    this.timer = setTimeout(expire, Math.max(0, this.start + milliseconds - Date.now()));
  }

  end(): void {
    clearTimeout(this.timer);
    this.callerSignal?.removeEventListener('abort', this.abortWithCaller);
  }
}

/** Rejects with a TimeoutError when a promise takes longer than the given time. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const deadline = new Deadline(milliseconds, undefined);
  const expired = new Promise<never>((_resolve, reject) => {
    deadline.signal.addEventListener('abort', () => {
      reject(deadline.signal.reason as DOMException);
    });
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    deadline.end();
  }
}
