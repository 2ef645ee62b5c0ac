// How much one identity may ask: a token bucket each, which holds a minute's worth.

interface Bucket {
  left: number;
  /** Milliseconds since 1970. */
  filled: number;
}

const MINUTE = 60_000;
/** Identities of CI systems come and go; the oldest are forgotten, which gives them a full bucket. */
const MOST_IDENTITIES = 10_000;

export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes one request of an identity's minute; false where none is left. */
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
