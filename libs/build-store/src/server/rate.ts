// Limits the request rate of each identity with a token bucket that holds the requests of one minute.

interface Bucket {
  left: number;
  /** Milliseconds since 1970. */
  filled: number;
}

const MINUTE = 60_000;
/** The least recent ones are discarded, and start with a full bucket again. */
const MOST_IDENTITIES = 10_000;

export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes one request from an identity's bucket; false if it is empty. */
  take(name: string): boolean {
    const now = this.now();
    const bucket = this.buckets.get(name) ?? { left: this.perMinute, filled: now };
    const refilled = (Math.max(0, now - bucket.filled) * this.perMinute) / MINUTE;
    const left = Math.min(this.perMinute, bucket.left + refilled);
    const isAllowed = left >= 1;
    this.buckets.delete(name);
    this.buckets.set(name, { left: isAllowed ? left - 1 : left, filled: now });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MOST_IDENTITIES && oldest !== undefined) this.buckets.delete(oldest);
    return isAllowed;
  }
}
