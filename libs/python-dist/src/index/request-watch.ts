// Ends requests that exceed the limits: a total deadline, a least rate, and a size. A server that always sends a little never runs into a plain timeout.
import { distError, type DistError } from '../dist-error.js';
import { MIB, raiseLimit, type IndexLimits } from '../limits/limits.js';
import { redact } from './redact.js';

const KIB = 1024;

/** The limits of one request, by the names of their settings. */
export interface RequestLimits {
  /** Total time, with redirects and retries. */
  seconds: 'pageSeconds' | 'fileSeconds';
  /** Size of the body. */
  size: 'pageMiB' | 'fileMiB' | 'metadataMiB';
}

export interface WatchOptions {
  limits: IndexLimits & { metadataMiB: number };
  /** The period over which the rate is averaged. */
  rateWindowMs: number;
  /** The start of the first attempt; now by default. */
  since?: number | undefined;
}

/** Watches one request. Call `stop` when it has ended. */
export class RequestWatch {
  /** The reason for the abort. */
  error: DistError | undefined;
  /** By `Date.now()`. */
  readonly since: number;
  /** Called when the request has ended. */
  onStop: () => void = () => undefined;
  readonly #controller = new AbortController();
  readonly #deadline: NodeJS.Timeout;
  #rate: NodeJS.Timeout | undefined;
  #inWindow = 0;
  #total = 0;

  constructor(
    readonly url: string,
    readonly applied: RequestLimits,
    readonly options: WatchOptions,
  ) {
    this.since = options.since ?? Date.now();
    const seconds = options.limits[applied.seconds];
    this.#deadline = setTimeout(
      () => {
        this.#fail('DIST_INDEX_TOO_SLOW', `did not answer completely within ${seconds} seconds`, applied.seconds);
      },
      this.since + seconds * 1000 - Date.now(),
    );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts to measure the rate: the body has begun. @throws DistError `DIST_INDEX_TOO_LARGE` if its declared length is too large */
  begin(contentLength: unknown): void {
    if (Number(contentLength) > this.#most) this.#refuse(`announces ${Number(contentLength)} bytes`);
    const { rateWindowMs, limits } = this.options;
    const least = (limits.leastKiBPerSecond * KIB * rateWindowMs) / 1000;
    this.#rate = setInterval(() => {
      if (this.#inWindow < least) {
        const found = `sent ${this.#inWindow} bytes in ${rateWindowMs / 1000} seconds`;
        this.#fail('DIST_INDEX_TOO_SLOW', found, 'leastKiBPerSecond');
      }
      this.#inWindow = 0;
    }, rateWindowMs);
  }

  /** Counts received bytes. @throws DistError `DIST_INDEX_TOO_LARGE` */
  received(bytes: number): void {
    this.#inWindow += bytes;
    this.#total += bytes;
    if (this.#total > this.#most) this.#refuse(`sent more than ${this.#most} bytes`);
  }

  /** Compares the decompressed size with the limit. @throws DistError `DIST_INDEX_TOO_LARGE` */
  decompressed(total: number): void {
    if (total > this.#most) this.#refuse(`decompresses to more than ${this.#most} bytes`);
  }

  stop(): void {
    clearTimeout(this.#deadline);
    clearInterval(this.#rate);
    this.onStop();
  }

  get #most(): number {
    return Math.floor(this.options.limits[this.applied.size] * MIB);
  }

  #refuse(found: string): never {
    throw this.#fail('DIST_INDEX_TOO_LARGE', found, this.applied.size);
  }

  #fail(
    code: 'DIST_INDEX_TOO_SLOW' | 'DIST_INDEX_TOO_LARGE',
    found: string,
    setting: keyof WatchOptions['limits'],
  ): DistError {
    this.error ??= distError(redact(this.url), code, [found, raiseLimit(setting, this.options.limits)]);
    this.stop();
    this.#controller.abort(this.error);
    return this.error;
  }
}
