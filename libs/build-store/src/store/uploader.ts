// Uploads the items of the outbox in the background while a build runs. Items whose upload fails stay in the outbox.
import { randomUUID } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import pLimit from 'p-limit';
import { describeUpload, type Remote, type Upload } from './remote.js';
import { outboxId, type Outbox } from './outbox.js';
import type { RunJournal } from './run-journal.js';
import type { FlushReport } from './store.js';

const AT_ONCE = 6;
/** Bytes of uploads that wait in memory. */
const MEMORY = 32 << 20;

export class Uploader {
  private readonly limit = pLimit(AT_ONCE);
  /** Queued and running uploads by the ID of their outbox item. */
  private readonly uploads = new Map<string, Promise<void>>();
  /** Items whose upload failed. They are not tried again before the flush. */
  private readonly failed = new Set<string>();
  private readonly ended = new AbortController();
  private watcher: FSWatcher | undefined;
  private bytesInMemory = 0;
  private isBehind = false;
  private isFlushing = false;
  private report = { uploaded: 0, bytes: 0, refused: 0 };

  constructor(
    private readonly outbox: Outbox,
    private readonly remote: Remote,
    private readonly journal: RunJournal,
  ) {
    remote.breaker.onOpen(() => {
      this.isBehind = true;
      if (this.isFlushing) this.ended.abort();
    });
  }

  /** Also uploads what other processes of the run put. Without change events from the file system, the flush finds their items. */
  async watch(): Promise<void> {
    try {
      await mkdir(this.outbox.folder, { recursive: true });
      this.watcher = watch(this.outbox.folder, { persistent: false }, (_, name) => {
        const id = outboxId(name ?? '');
        if (id !== undefined) this.add(id);
      });
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // There are too many watchers, or the folder cannot be created.
    }
  }

  add(id: string): void {
    if (this.uploads.has(id) || this.failed.has(id) || this.ended.signal.aborted) return;
    const upload = this.limit(() => this.upload(id))
      // An error of the local folder: the item stays, or is gone.
      .catch(() => void this.failed.add(id))
      .finally(() => this.uploads.delete(id));
    this.uploads.set(id, upload);
  }

  /** Whether an upload of this size may wait in memory. */
  hasMemoryFor(bytes: number): boolean {
    return this.bytesInMemory + bytes <= MEMORY && !this.ended.signal.aborted;
  }

  /** @param keep - puts the upload into the outbox; called if it does not succeed */
  addFromMemory(upload: Upload, bytes: Uint8Array, keep: () => Promise<void>): void {
    const id = randomUUID();
    this.bytesInMemory += bytes.length;
    const work = this.limit(() => this.uploadFromMemory(upload, bytes, keep))
      .catch(() => undefined)
      .finally(() => {
        this.bytesInMemory -= bytes.length;
        this.uploads.delete(id);
      });
    this.uploads.set(id, work);
  }

  /**
   * @returns what was uploaded since the last flush, and what is left
   * @throws StoreError `STORE_LOCAL_FAILED`
   */
  async flush(deadlineMs: number): Promise<FlushReport> {
    this.failed.clear();
    const timer = setTimeout(() => {
      this.ended.abort();
    }, deadlineMs);
    this.isFlushing = true;
    try {
      if (await this.remote.breaker.isOpen()) this.ended.abort();
      else await this.addWaiting();
      while (this.uploads.size > 0) await Promise.all(this.uploads.values());
    } finally {
      clearTimeout(timer);
      this.isFlushing = false;
    }
    const { uploaded, bytes, refused } = this.report;
    this.report = { uploaded: 0, bytes: 0, refused: 0 };
    return { uploaded, bytes, refused, left: await this.countLeft() };
  }

  async close(): Promise<void> {
    this.watcher?.close();
    this.ended.abort();
    await Promise.all(this.uploads.values());
  }

  /** Excludes items that another process is uploading. */
  private async countLeft(): Promise<number> {
    const claimed = await Promise.all((await this.outbox.waiting()).map((id) => this.outbox.isClaimed(id)));
    return claimed.filter((isClaimed) => !isClaimed).length;
  }

  private async addWaiting(): Promise<void> {
    for (const id of await this.outbox.waiting()) this.add(id);
  }

  private async upload(id: string): Promise<void> {
    if (this.ended.signal.aborted) return;
    const claim = await this.outbox.claim(id);
    if (claim === undefined) return;
    try {
      const upload = this.outbox.read(id);
      if (upload !== undefined) await this.uploadClaimed(id, upload);
    } finally {
      claim.release();
    }
  }

  private async uploadClaimed(id: string, upload: Upload): Promise<void> {
    const started = performance.now();
    const answer = await this.send(id, upload, describeUpload(upload).content.size);
    if (answer === undefined) {
      this.failed.add(id);
      return;
    }
    await this.outbox.remove(id);
    await this.recordUpload(upload, answer, started);
  }

  private async uploadFromMemory(upload: Upload, bytes: Uint8Array, keep: () => Promise<void>): Promise<void> {
    const started = performance.now();
    const answer = (await this.remote.isReadOnly())
      ? 'refused'
      : await this.remote.upload(upload, bytes, this.ended.signal);
    if (answer === undefined) await keep();
    else await this.recordUpload(upload, answer, started);
  }

  private async recordUpload(upload: Upload, answer: 'created' | 'exists' | 'refused', started: number): Promise<void> {
    const { subject, content } = describeUpload(upload);
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
    const isWhole = this.outbox.contentSize(id) === size;
    if (!isWhole || (await this.remote.isReadOnly())) return 'refused';
    return this.remote.upload(upload, this.outbox.contentOf(id), this.ended.signal);
  }

  /** Retries the failed uploads when the store responds again. */
  private async catchUp(): Promise<void> {
    if (!this.isBehind) return;
    this.isBehind = false;
    this.failed.clear();
    await this.addWaiting();
  }
}
