// Leases of entries in a store, so that concurrent runs make an entry once. A lease is a series of write-once objects: whoever creates `<n>-0`
// holds lease n, renews it with `<n>-1`, `<n>-2`, …, and gives it up with `<n>-end`. Nothing is overwritten or deleted, so a writer needs no more rights than
// for entries. A lease saves work only: an expired, lost or forged one costs time, and entries are write-once and verified as without leases.
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256Of } from '@pinpack/common/digest';
import type { ObjectBackend, ObjectContent } from '../backends/backend.js';
import { entryPath, leasePrefix, readableNamespaces, type EntryKind, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

export interface Lease {
  /** Whether another run held the lease: the entry may exist now. */
  hasWaited: boolean;
  /** @param outcome - `failed`: the next run need not wait until the lease expires */
  release(outcome: 'made' | 'failed'): Promise<void>;
}

export interface LeaseLimits {
  /** A lease that was not renewed for so long has expired. */
  expiryMs: number;
  renewalMs: number;
  pollMs: number;
  /** After that, the caller makes the entry itself. */
  longestWaitMs: number;
  requestMs: number;
}

export const LEASE_LIMITS: LeaseLimits = {
  expiryMs: 60_000,
  renewalMs: 20_000,
  pollMs: 2_000,
  longestWaitMs: 2 * 60 * 60_000,
  requestMs: 10_000,
};

export const NO_LEASE: Lease = { hasWaited: false, release: () => Promise.resolve() };

interface Series {
  /** The number of the lease. */
  number: number;
  renewal: number;
  hasEnded: boolean;
  /** Of the last renewal, by the store's clock. */
  modified: number;
}

export class Leases {
  private isUnavailable = false;

  constructor(
    private readonly backend: ObjectBackend,
    private readonly namespace: Namespace,
    private readonly limits: LeaseLimits = LEASE_LIMITS,
  ) {}

  /** Takes the lease of an entry; undefined if another run holds one or held one earlier. */
  async tryTake(kind: EntryKind, key: string): Promise<Lease | undefined> {
    const prefix = leasePrefix(this.namespace, kind, key);
    return this.orNone(async () => ((await this.create(`${prefix}0-0`)) ? this.hold(prefix, 0, false) : undefined));
  }

  /** Takes the lease of an entry. Waits while another run holds it, until that run has made the entry or its lease has expired. */
  async take(kind: EntryKind, key: string): Promise<Lease> {
    const prefix = leasePrefix(this.namespace, kind, key);
    const deadline = performance.now() + this.limits.longestWaitMs;
    return this.orNone(async () => {
      let number = 0;
      let hasWaited = false;
      while (performance.now() < deadline) {
        if (await this.create(`${prefix}${number}-0`)) return this.hold(prefix, number, hasWaited);
        const next = await this.awaitNext(prefix, { kind, key }, deadline);
        if (next === undefined) return { ...NO_LEASE, hasWaited: true };
        number = next;
        hasWaited = true;
      }
      return { ...NO_LEASE, hasWaited };
    });
  }

  private async orNone<T>(request: () => Promise<T>): Promise<T | Lease> {
    if (this.isUnavailable) return NO_LEASE;
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // The store itself reports why it fails.
      this.isUnavailable = true;
      return NO_LEASE;
    }
  }

  private hold(prefix: string, number: number, hasWaited: boolean): Lease {
    let renewal = 0;
    const timer = setInterval(() => {
      renewal++;
      void this.create(`${prefix}${number}-${renewal}`).catch(() => undefined);
    }, this.limits.renewalMs);
    timer.unref();
    return {
      hasWaited,
      release: async (outcome) => {
        clearInterval(timer);
        // What was made is uploaded behind the run: the others keep waiting for it until the lease expires.
        if (outcome === 'failed') await this.create(`${prefix}${number}-end`).catch(() => undefined);
      },
    };
  }

  /** @returns the number of the next lease, or undefined if the entry exists or the deadline has passed */
  private async awaitNext(
    prefix: string,
    entry: { kind: EntryKind; key: string },
    deadline: number,
  ): Promise<number | undefined> {
    let last: Series | undefined;
    let seenAt = performance.now();
    for (;;) {
      if (await this.exists(entry)) return undefined;
      const series = await this.read(prefix);
      if (series?.number !== last?.number || series?.renewal !== last?.renewal) seenAt = performance.now();
      last = series;
      if (series !== undefined && (series.hasEnded || this.isExpired(series, seenAt))) return series.number + 1;
      if (performance.now() > deadline) return undefined;
      await wait(this.limits.pollMs);
    }
  }

  /** By the time that this process has seen no renewal; for leases of earlier runs by the store's clock, which may differ by as much as a lease lasts. */
  private isExpired({ modified }: Series, seenAt: number): boolean {
    const { expiryMs } = this.limits;
    return performance.now() - seenAt > expiryMs || Date.now() - modified > 2 * expiryMs;
  }

  private async exists({ kind, key }: { kind: EntryKind; key: string }): Promise<boolean> {
    const paths = readableNamespaces(this.namespace).map((namespace) => entryPath(namespace, kind, key));
    const found = await Promise.all(paths.map((path) => this.backend.stat(path, this.attempt())));
    return found.some((facts) => facts !== undefined);
  }

  /** The latest lease; undefined if there is none. */
  private async read(prefix: string): Promise<Series | undefined> {
    let latest: Series | undefined;
    for await (const { path, modified } of this.backend.list(prefix, this.attempt())) {
      const [, number = '', part = ''] = /^(\d+)-(\d+|end)$/.exec(path.slice(prefix.length)) ?? [];
      if (number === '' || Number(number) < (latest?.number ?? 0)) continue;
      const same = latest?.number === Number(number) ? latest : undefined;
      latest = {
        number: Number(number),
        renewal: Math.max(same?.renewal ?? 0, part === 'end' ? 0 : Number(part)),
        hasEnded: (same?.hasEnded ?? false) || part === 'end',
        modified: Math.max(same?.modified ?? 0, modified.getTime()),
      };
    }
    return latest;
  }

  private async create(path: string): Promise<boolean> {
    return (await this.backend.create(path, CONTENT, this.attempt())) === 'created';
  }

  private attempt(): { signal: AbortSignal } {
    return { signal: AbortSignal.timeout(this.limits.requestMs) };
  }
}

const MARK = Buffer.from('lease\n');
const CONTENT: ObjectContent = {
  size: MARK.length,
  sha256: sha256Of(MARK),
  open: () => Readable.from([MARK]),
};
