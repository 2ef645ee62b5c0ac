// Uploads what waits in the outbox, some at a time, behind the build. What fails stays there.
import { watch, type FSWatcher } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { describeUpload, type Remote, type Upload } from './remote.js';
import { outboxId, type Outbox } from './outbox.js';
import type { RunJournal } from './run-journal.js';
import type { FlushReport } from './store.js';

const AT_ONCE = 6;

export class Uploader {
  private readonly queue = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  /** Not again before the flush: the store failed at them. */
  private readonly failed = new Set<string>();
  private readonly ended = new AbortController();
  private watcher: FSWatcher | undefined;
  private isBehind = false;
  private isFlushing = false;
  private report = { uploaded: 0, bytes: 0, refused: 0 };

  constructor(
    private readonly outbox: Outbox,
    private readonly remote: Remote,
    private readonly journal: RunJournal,
  ) {
    remote.breaker.onOpen(() => {
      this.queue.clear();
      this.isBehind = true;
      if (this.isFlushing) this.end();
    });
  }

  /** Uploads what other processes of the run put, too. Where the file system tells nothing of changes, the flush finds it. */
  async watch(): Promise<void> {
    try {
      await mkdir(this.outbox.folder, { recursive: true });
      this.watcher = watch(this.outbox.folder, { persistent: false }, (_, name) => {
        const id = outboxId(name ?? '');
        if (id !== undefined) this.add(id);
      });
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // Too many watchers, or a folder that can't be made.
    }
  }

  add(id: string): void {
    if (this.running.has(id) || this.failed.has(id)) return;
    this.queue.add(id);
    this.start();
  }

  /** What was uploaded since the last flush, and what is left. */
  async flush(deadlineMs: number): Promise<FlushReport> {
    this.failed.clear();
    const timer = setTimeout(() => {
      this.end();
    }, deadlineMs);
    this.isFlushing = true;
    if (!(await this.remote.breaker.isOpen())) for (const id of await this.outbox.waiting()) this.add(id);
    else this.end();
    while (this.running.size > 0) await Promise.all(this.running.values());
    clearTimeout(timer);
    this.isFlushing = false;
    const { uploaded, bytes, refused } = this.report;
    this.report = { uploaded: 0, bytes: 0, refused: 0 };
    return { uploaded, bytes, refused, left: await this.countLeft() };
  }

  async close(): Promise<void> {
    this.watcher?.close();
    this.end();
    await Promise.all(this.running.values());
  }

  /** Without those that another process is uploading now. */
  private async countLeft(): Promise<number> {
    const claimed = await Promise.all((await this.outbox.waiting()).map((id) => this.outbox.isClaimed(id)));
    return claimed.filter((isClaimed) => !isClaimed).length;
  }

  private end(): void {
    this.queue.clear();
    this.ended.abort();
  }

  private start(): void {
    for (const id of this.queue) {
      if (this.running.size >= AT_ONCE || this.ended.signal.aborted) return;
      this.queue.delete(id);
      const task = this.upload(id)
        // Of the local folder: the item stays, or is gone.
        .catch(() => this.failed.add(id))
        .then(() => {
          this.running.delete(id);
          this.start();
        });
      this.running.set(id, task);
    }
  }

  private async upload(id: string): Promise<void> {
    const claim = await this.outbox.claim(id);
    if (claim === undefined) return;
    try {
      const upload = await this.outbox.read(id);
      if (upload !== undefined) await this.uploadClaimed(id, upload);
    } finally {
      await claim.release();
    }
  }

  private async uploadClaimed(id: string, upload: Upload): Promise<void> {
    const started = performance.now();
    const { subject, content } = describeUpload(upload);
    const answer = await this.send(id, upload, content.size);
    if (answer === undefined) {
      this.failed.add(id);
      return;
    }
    await this.outbox.remove(id);
    const ms = Math.round(performance.now() - started);
    if (answer === 'refused') {
      this.report.refused++;
      await this.journal.record({ event: 'refused', ...subject, bytes: content.size, ms });
    } else if (answer === 'created') {
      this.report.uploaded++;
      this.report.bytes += content.size;
      await this.journal.record({ event: 'uploaded', ...subject, bytes: content.size, ms });
    }
    if (answer !== 'refused') await this.catchUp();
  }

  private async send(id: string, upload: Upload, size: number): Promise<Awaited<ReturnType<Remote['upload']>>> {
    const isWhole = (await this.outbox.contentSize(id)) === size;
    if (!isWhole || (await this.remote.isReadOnly())) return 'refused';
    return this.remote.upload(upload, this.outbox.contentOf(id), this.ended.signal);
  }

  /** Once the store answers again, what failed before. */
  private async catchUp(): Promise<void> {
    if (!this.isBehind) return;
    this.isBehind = false;
    this.failed.clear();
    for (const id of await this.outbox.waiting()) this.add(id);
  }
}
