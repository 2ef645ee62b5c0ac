// Tests on request, at most once a second, whether the store behind the server responds.
import type { ObjectBackend } from '../backends/backend.js';
import { LAYOUT_VERSION } from '../names/object-keys.js';

const KEPT_MS = 1000;
const LONGEST_MS = 3000;
/** Does not exist; any response shows that the store works. */
const PROBE = `${LAYOUT_VERSION}/main/entries/nx/readiness`;

export class Readiness {
  private last: { at: number; isReady: Promise<boolean> } | undefined;

  constructor(
    private readonly backend: ObjectBackend,
    private readonly now: () => number = Date.now,
  ) {}

  async isReady(): Promise<boolean> {
    const at = this.now();
    if (this.last === undefined || at - this.last.at >= KEPT_MS) this.last = { at, isReady: this.ask() };
    return this.last.isReady;
  }

  private async ask(): Promise<boolean> {
    return this.backend.stat(PROBE, { signal: AbortSignal.timeout(LONGEST_MS) }).then(
      () => true,
      () => false,
    );
  }
}
