// Accesses a remote store with time limits and a circuit breaker. Its errors are reported to the journal, never thrown.
import { hasFrame } from '../archive/archive-frame.js';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Attempt } from '../backends/backend.js';
import type { Digested } from '../content/digest.js';
import type { EntryRecord } from '../entry/record.js';
import type { EntryKind } from '../names/object-keys.js';
import { StoreError, type StoreErrorCode } from '../store-error.js';
import type { Breaker } from './breaker.js';
import type { EntryStore, NewEntry } from './entry-store.js';
import type { RunJournal, StoreEvent } from './run-journal.js';

export interface Limits {
  /** For reading a record, in milliseconds. */
  recordMs: number;
  /** For a whole download, in milliseconds, by the size of the content in bytes. */
  downloadMs(size: number): number;
  uploadMs(size: number): number;
  /** For a backend to stop after an abort. */
  graceMs: number;
}

export const LIMITS: Limits = {
  recordMs: 5000,
  downloadMs: (size) => Math.min(120_000, 10_000 + size / 1000),
  uploadMs: (size) => 30_000 + size / 100,
  graceMs: 1000,
};

/** More concurrent downloads fill memory and page cache without finishing sooner. */
const DOWNLOADS_AT_ONCE = 8;

/** The size of a locked wheel is not always known. */
const UNKNOWN_SIZE = 1 << 30;

/** Less than the time within which `gc` removes nothing that was used. */
const PRESENT_MS = 5 * 60_000;

/** A pending upload: an entry with its record, or content only. */
export type Upload = { record: EntryRecord } | { content: Digested };

/** Another attempt does not help. */
const REFUSALS: readonly StoreErrorCode[] = ['STORE_FORBIDDEN', 'STORE_CONTENT_DIFFERS', 'STORE_SIGNATURE_INVALID'];

type Subject = Pick<StoreEvent, 'kind' | 'key' | 'name'>;

export class Remote {
  private readonly downloads = pLimit(DOWNLOADS_AT_ONCE);
  /** Uploads of content in progress, by its digest. */
  private readonly sending = new Map<string, Promise<unknown>>();
  /** When content was stored or found, by its digest. */
  private readonly present = new Map<string, number>();

  constructor(
    private readonly entries: EntryStore,
    readonly breaker: Breaker,
    private readonly journal: RunJournal,
    private readonly limits: Limits = LIMITS,
  ) {}

  get label(): string {
    return this.entries.backend.label;
  }

  recordOf(entry: NewEntry): EntryRecord {
    return this.entries.recordOf(entry);
  }

  async find(kind: EntryKind, key: string): Promise<EntryRecord | undefined> {
    const subject = { kind, key, name: '' };
    return this.ask(subject, this.limits.recordMs, (attempt) =>
      this.entries.findRecord(kind, key, (error) => this.report(subject, error), attempt),
    );
  }

  /**
   * @param size - in bytes, if known
   * @param file - must not exist, and only does if the download succeeds
   * @returns the verified digest
   */
  async download(sha256: string, size: number | undefined, file: string): Promise<Digested | undefined> {
    const limit = this.limits.downloadMs(size ?? UNKNOWN_SIZE);
    const subject: Subject = { kind: 'content', key: sha256, name: '' };
    return this.downloads(() =>
      this.ask(subject, limit, (attempt) => this.entries.getContent(sha256, file, attempt, size)),
    );
  }

  /** Reads small content into memory. */
  async readContent(content: Digested): Promise<Uint8Array | undefined> {
    const limit = this.limits.downloadMs(content.size);
    const subject: Subject = { kind: 'content', key: content.sha256, name: '' };
    return this.downloads(() => this.ask(subject, limit, (attempt) => this.entries.readContent(content, attempt)));
  }

  /**
   * @param source - the path of a file with the content, or its bytes
   * @returns `refused` if another attempt would not help; undefined for any other error
   */
  async upload(
    upload: Upload,
    source: string | Uint8Array,
    signal: AbortSignal,
  ): Promise<'created' | 'exists' | 'refused' | undefined> {
    const { subject, content } = describeUpload(upload);
    const limit = this.limits.uploadMs(content.size);
    const put = async (attempt: Attempt): Promise<'created' | 'exists' | 'refused'> => {
      try {
        // An earlier run may have signed it with a key that is not valid any more. Readers would reject it, and nothing could replace it.
        if ('record' in upload) this.entries.checkRecord(upload.record, upload.record);
        const answer = await this.putContent({ ...content, isProbablyThere: isTakenApart(upload) }, source, attempt);
        return 'record' in upload ? await this.entries.putRecord(upload.record, attempt) : answer;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (!REFUSALS.includes(error.code)) throw error;
        if (error.code === 'STORE_FORBIDDEN') await this.journal.set('read-only');
        await this.report(subject, error);
        return 'refused';
      }
    };
    return this.ask(subject, limit, put, signal);
  }

  /** Several entries may have the same content, which is sent once. */
  private async putContent(
    content: Parameters<EntryStore['putContent']>[0],
    source: string | Uint8Array,
    attempt: Attempt,
  ): Promise<'created' | 'exists'> {
    const { sha256 } = content;
    if (performance.now() - (this.present.get(sha256) ?? -Infinity) < PRESENT_MS) return 'exists';
    const sending = this.sending.get(sha256);
    // If the other upload fails or is aborted, this one sends the content itself.
    if (
      sending !== undefined &&
      (await sending.then(
        () => true,
        () => false,
      ))
    )
      return 'exists';
    const sent = this.entries.putContent(content, source, attempt);
    this.sending.set(sha256, sent);
    try {
      const outcome = await sent;
      this.present.set(sha256, performance.now());
      return outcome;
    } finally {
      if (this.sending.get(sha256) === sent) this.sending.delete(sha256);
    }
  }

  async isReadOnly(): Promise<boolean> {
    return this.journal.isSet('read-only');
  }

  private async ask<T>(
    subject: Subject,
    limitMs: number,
    task: (attempt: Attempt) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    if (await this.breaker.isOpen()) return undefined;
    const started = performance.now();
    try {
      const answer = await within(limitMs, this.limits.graceMs, task, signal);
      this.breaker.answered();
      return answer;
    } catch (cause) {
      // The caller aborted the request.
      if (signal?.aborted === true) return undefined;
      const error = cause instanceof StoreError ? cause : unexpected(this.label, cause);
      await this.report(subject, error);
      const isOwnDisk = error.code === 'STORE_LOCAL_FAILED';
      if (!isOwnDisk) await this.breaker.failed(error, performance.now() - started);
      return undefined;
    }
  }

  private async report(subject: Subject, error: StoreError): Promise<void> {
    await this.journal.record({ event: 'fault', ...subject, bytes: 0, ms: 0, from: error.code });
    await this.journal.warn(error.message);
  }
}

/** Aborts the task at the limit, and abandons it if it does not stop within the grace period. */
async function within<T>(
  limitMs: number,
  graceMs: number,
  task: (attempt: Attempt) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const controller = new AbortController();
  const finished = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  const timer = setTimeout(abort, limitMs);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) abort();
  const stuck = delay(limitMs + graceMs, undefined, { signal: finished.signal }).then(() => {
    throw new Error(`no answer in ${(limitMs / 1000).toFixed(1)} s`);
  });
  try {
    return await Promise.race([task({ signal: controller.signal }), stuck]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    stuck.catch(() => undefined);
    finished.abort();
  }
}

/** The content of an archive was put before, as an executor's entry. */
function isTakenApart(upload: Upload): boolean {
  return 'record' in upload && hasFrame(upload.record.attachments);
}

export function describeUpload(upload: Upload): { subject: Subject; content: Digested } {
  if ('content' in upload) {
    return { subject: { kind: 'content', key: upload.content.sha256, name: '' }, content: upload.content };
  }
  const { kind, key, fileName: name } = upload.record;
  return { subject: { kind, key, name }, content: upload.record };
}

function unexpected(label: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('STORE_UNREACHABLE', label, reason, { cause });
}
