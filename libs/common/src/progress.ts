// Shows the progress of long work, with bytes and remaining time. On a terminal one line is redrawn. In a pipe that Nx shows on its terminal (batches),
// a new line is written now and then. In a log there is one line for each finished item.
import { formatBytes } from './format-bytes.js';

export { formatBytes };

const REDRAW_MS = 100;
const NEW_LINE_MS = 2_000;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** Whether a person watches the output of a pipe: stdin is a terminal, and it is not CI. */
function isWatched(): boolean {
  return process.stdin.isTTY && process.env.CI === undefined;
}

/** Progress of one kind of work over several items. Sizes are bytes, times milliseconds. */
export class Progress {
  private readonly started: number;
  private bytes = 0;
  private items = 0;
  private drawn = 0;

  /** @param total - items and bytes that are expected; 0 bytes if unknown */
  constructor(
    private readonly verb: string,
    private readonly total: { items: number; bytes: number },
    private readonly stream: ProgressStream = process.stderr,
    private readonly now: () => number = Date.now,
    private readonly watched: boolean = isWatched(),
  ) {
    this.started = now();
    this.drawn = stream.isTTY === true ? 0 : this.started;
  }

  /** Some bytes of an item have been dealt with. */
  advance(bytes: number): void {
    this.bytes += bytes;
    const isTerminal = this.stream.isTTY === true;
    if (!isTerminal && !this.watched) return;
    if (this.now() - this.drawn < (isTerminal ? REDRAW_MS : NEW_LINE_MS)) return;
    this.drawn = this.now();
    this.stream.write(isTerminal ? `${CLEAR_LINE}${this.line()}` : `${this.line()}\n`);
  }

  /** An item is done. `what` is a line for logs: `reqset3-wheel-numpy: fetched 16.9 MB`. */
  done(what: string): void {
    this.items++;
    this.stream.write(this.stream.isTTY === true ? `${CLEAR_LINE}${what}\n` : `${what}\n`);
  }

  /** `fetching 3 of 41, 120 MB of 402 MB, 12 s left` */
  line(): string {
    const { items, bytes } = this.total;
    const amount = bytes === 0 ? formatBytes(this.bytes) : `${formatBytes(this.bytes)} of ${formatBytes(bytes)}`;
    const remaining = this.remaining();
    return `${this.verb} ${Math.min(this.items + 1, items)} of ${items}, ${amount}${remaining === undefined ? '' : `, ${remaining} s left`}`;
  }

  private remaining(): number | undefined {
    const elapsed = this.now() - this.started;
    if (this.total.bytes === 0 || this.bytes === 0 || elapsed < 1000) return undefined;
    return Math.ceil((Math.max(0, this.total.bytes - this.bytes) * elapsed) / this.bytes / 1000);
  }
}
