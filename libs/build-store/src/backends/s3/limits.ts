// How long a request to S3 may take. Without limits a frozen server would be waited for without end.

export interface S3Limits {
  /** Until there is a connection, milliseconds. */
  connectMs: number;
  /** Until there are credentials; a chain without any asks the instance's metadata service last. */
  credentialsMs: number;
  /** Until the head of the answer to a read. */
  answerMs: number;
  /** The same for an upload, after its last byte: it holds nobody back, and some servers let writers of one key wait for each other. */
  storedMs: number;
  /** In which no byte comes or goes. */
  stallMs: number;
  /** Attempts of one request, the first included. */
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

/** For the whole of a body, milliseconds: a second for each MB more than the least. */
export function totalMs(size: number, direction: keyof typeof TOTALS): number {
  const { leastMs, mostMs } = TOTALS[direction];
  return Math.min(mostMs, leastMs + size / SLOWEST_BYTES_PER_MS);
}

/** One attempt's time: ends when it's over, when the asker ends it, or with `end()`. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly start = Date.now();
  private readonly giveUp = (): void => {
    this.controller.abort(this.asker?.reason);
  };
  private timer: NodeJS.Timeout | undefined;

  constructor(
    milliseconds: number,
    private readonly asker: AbortSignal | undefined,
  ) {
    if (asker?.aborted === true) this.giveUp();
    asker?.addEventListener('abort', this.giveUp, { once: true });
    this.set(milliseconds);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @param milliseconds - from the attempt's start */
  set(milliseconds: number): void {
    clearTimeout(this.timer);
    const late = (): void => {
      this.controller.abort(new DOMException(`not done in ${Math.round(milliseconds)} ms`, 'TimeoutError'));
    };
    this.timer = setTimeout(late, Math.max(0, this.start + milliseconds - Date.now()));
  }

  end(): void {
    clearTimeout(this.timer);
    this.asker?.removeEventListener('abort', this.giveUp);
  }
}

/** What a promise gives, unless it takes too long. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const deadline = new Deadline(milliseconds, undefined);
  const late = new Promise<never>((_resolve, reject) => {
    deadline.signal.addEventListener('abort', () => {
      reject(deadline.signal.reason as DOMException);
    });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    deadline.end();
  }
}
