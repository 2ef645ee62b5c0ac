// Shows the progress of long work: items, bytes, rate and remaining time. On a terminal one line is redrawn. In a pipe that Nx shows on its terminal (batches),
// a new line is written now and then. In a log there is one line for each finished item, and lines at milestones. docs/decisions/0037-progress.md
import { styleText } from 'node:util';
import { formatBytes } from './format-bytes.js';

export { formatBytes };

const REDRAW_MS = 100;
const NEW_LINE_MS = 2_000;
const CLEAR_LINE = '\r\u001b[K';
/** The rate is that of the last seconds. */
const RATE_MS = 8_000;
const LEAST_RATE_MS = 1_000;
const EARLY_MS = 20_000;
const EARLY_SHARE = 0.02;
/** Shorter work has no milestones. */
const MILESTONES_MS = 10_000;
const MILESTONES = [0.25, 0.5, 0.75];
/** Tasks that take longer are named. */
const LONG_MS = 5_000;
const LOG_LONG_MS = 60_000;

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressOutput {
  stream: ProgressStream;
  now: () => number;
  /** Whether a person watches the output of a pipe. */
  isWatched: boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/** stdin is a terminal, and it is not CI. */
function isWatched(): boolean {
  return process.stdin.isTTY && process.env.CI === undefined;
}

/** Progress of one kind of work over several items. Sizes are bytes, times milliseconds. */
export class Progress {
  private readonly output: ProgressOutput;
  private readonly started: number;
  private readonly running = new Map<string, number>();
  private samples: { at: number; amount: number }[];
  private timer: NodeJS.Timeout | undefined;
  private bytes = 0;
  private items = 0;
  private drawn = 0;
  private isDrawn = false;
  private milestones = [...MILESTONES];

  /** @param total - items and bytes that are expected; 0 bytes if unknown */
  constructor(
    private readonly verb: string,
    private readonly total: { items: number; bytes: number },
    output: Partial<ProgressOutput> = {},
  ) {
    this.output = {
      stream: process.stderr,
      now: Date.now,
      isWatched: isWatched(),
      environment: process.env,
      ...output,
    };
    this.started = this.output.now();
    this.samples = [{ at: this.started, amount: 0 }];
    this.drawn = this.isTerminal ? 0 : this.started;
  }

  /** Some bytes of an item have been dealt with. */
  advance(bytes: number): void {
    this.bytes += bytes;
    this.sample();
    this.update();
  }

  /** An item is done that needs no line in a log. */
  step(): void {
    this.items++;
    this.sample();
    if (this.items >= this.total.items) this.clear();
    else this.update();
  }

  /** An item is done. `what` is a line for logs: `reqset3-wheel-numpy: fetched 16.9 MB`. */
  done(what: string): void {
    this.items++;
    this.sample();
    this.clear();
    this.output.stream.write(`${what}\n`);
    if (this.isTerminal && this.items < this.total.items) this.draw();
  }

  /** Runs a task, which is named while it takes long: `scipy for 2 min`. Its error starts on a line of its own. */
  async during<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
    this.running.set(name, this.output.now());
    // Does not keep the process alive, and so needs no end.
    this.timer ??= setInterval(() => {
      this.update();
    }, LEAST_RATE_MS).unref();
    try {
      return await task();
    } catch (error) {
      this.clear();
      throw error;
    } finally {
      this.running.delete(name);
      if (this.running.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    }
  }

  /** `wheel 3 of 41, 120.0 MB of 402.0 MB, 8.1 MB/s, 35 s left, scipy for 2 min` */
  line(): string {
    const { items, bytes } = this.total;
    const amount = bytes === 0 ? formatBytes(this.bytes) : `${formatBytes(this.bytes)} of ${formatBytes(bytes)}`;
    const rate = this.bytes === 0 ? undefined : this.rate();
    const parts = [
      `${this.verb} ${Math.min(this.items + 1, items)} of ${items}`,
      ...(this.bytes + bytes === 0 ? [] : [amount]),
      ...(rate === undefined || rate === 0 ? [] : [`${formatBytes(Math.round(rate * 1000))}/s`]),
      ...this.remaining(),
      ...this.longest(LONG_MS),
    ];
    return parts.join(', ');
  }

  private get isTerminal(): boolean {
    return this.output.stream.isTTY === true;
  }

  /** What the remaining time is computed from: bytes if their sum is known, else items. */
  private get amount(): number {
    return this.total.bytes > 0 ? this.bytes : this.items;
  }

  /** What `amount` reaches. */
  private get whole(): number {
    return this.total.bytes > 0 ? this.total.bytes : this.total.items;
  }

  private sample(): void {
    const at = this.output.now();
    const last = this.samples.at(-1);
    if (last !== undefined && at - last.at < REDRAW_MS) return;
    this.samples.push({ at, amount: this.bytes });
    const old = this.samples.findIndex((one) => at - one.at <= RATE_MS);
    this.samples = this.samples.slice(Math.max(0, old - 1));
  }

  /** Bytes in a millisecond. */
  private rate(): number | undefined {
    const [first] = this.samples;
    const elapsed = this.output.now() - (first?.at ?? 0);
    if (first === undefined || elapsed < LEAST_RATE_MS) return undefined;
    return Math.max(0, this.bytes - first.amount) / elapsed;
  }

  private remaining(): string[] {
    const elapsed = this.output.now() - this.started;
    const { whole } = this;
    // The start of the first download says little about the others.
    const isEarly = elapsed < EARLY_MS && this.amount < whole * EARLY_SHARE;
    if (this.amount === 0 || elapsed < LEAST_RATE_MS || isEarly) return [];
    const left = (Math.max(0, whole - this.amount) * elapsed) / this.amount;
    return [`${formatDuration(left)} left`];
  }

  /** The task that has been running longest, if that is longer than `least`. */
  private longest(least: number): string[] {
    const [first] = this.running;
    if (first === undefined) return [];
    const elapsed = this.output.now() - first[1];
    return elapsed < least ? [] : [`${first[0]} for ${formatDuration(elapsed)}`];
  }

  private update(): void {
    const { isWatched: isPipeWatched, now } = this.output;
    if (this.isTerminal) {
      if (now() - this.drawn >= REDRAW_MS) this.draw();
    } else if (isPipeWatched) {
      const hasNews = this.bytes + this.items > 0 || this.longest(LONG_MS).length > 0;
      if (hasNews && now() - this.drawn >= NEW_LINE_MS) this.writeLine(this.colored(this.line()));
    } else this.log();
  }

  /** In a log: a line at each milestone, and for a task that takes minutes. */
  private log(): void {
    const { whole } = this;
    const reached = this.milestones.filter((share) => this.amount >= share * whole);
    const elapsed = this.output.now() - this.started;
    if (reached.length > 0 && elapsed >= MILESTONES_MS && this.amount < whole) this.writeLine(this.line());
    else if (this.output.now() - this.drawn >= LOG_LONG_MS && this.longest(LOG_LONG_MS).length > 0)
      this.writeLine(this.line());
    this.milestones = this.milestones.filter((share) => !reached.includes(share));
  }

  private writeLine(text: string): void {
    this.drawn = this.output.now();
    this.output.stream.write(`${text}\n`);
  }

  /** A line that is longer than the terminal would not be cleared as a whole. */
  private draw(): void {
    this.drawn = this.output.now();
    this.isDrawn = true;
    const { stream } = this.output;
    const line = this.line().slice(0, (stream.columns ?? 80) - 1);
    stream.write(`${CLEAR_LINE}${this.colored(line)}`);
  }

  private colored(line: string): string {
    if (!hasColors(this.output.environment, this.isTerminal)) return line;
    const [first = '', ...rest] = line.split(', ');
    return [styleText('bold', first, UNCHECKED), ...rest.map((part) => styleText('cyan', part, UNCHECKED))].join(', ');
  }

  private clear(): void {
    if (this.isDrawn) this.output.stream.write(CLEAR_LINE);
    this.isDrawn = false;
  }
}

/** The stream is a terminal, and may be another one than stdout, which `styleText` checks by default. */
const UNCHECKED = { validateStream: false };

/** See https://no-color.org. Nx sets FORCE_COLOR for its tasks if it has a terminal itself, whatever NO_COLOR says. */
function hasColors({ NO_COLOR = '', FORCE_COLOR, TERM }: ProgressOutput['environment'], isTerminal: boolean): boolean {
  const isForbidden = NO_COLOR !== '' || TERM === 'dumb' || FORCE_COLOR === '0' || FORCE_COLOR === 'false';
  return !isForbidden && (isTerminal || FORCE_COLOR !== undefined);
}

/** `35 s`, `2 min 10 s`, `1.5 h` */
function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 600)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
