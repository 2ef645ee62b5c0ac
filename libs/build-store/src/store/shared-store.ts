// The store of a run: a local folder, optionally in front of a remote store. Entries of the executors and content by digest are kept in the
// folder. Nx has its own local cache, so its archives are only passed through from and to the remote.
import { removeFile } from '../content/remove-file.js';
import { digestOf, digestOfLocalFile, type Digested } from '../content/digest.js';
import type { EntryRecord } from '../entry/record.js';
import type { EntryKind } from '../names/object-keys.js';
import { removeLeftovers } from './remove-leftovers.js';
import { StoreError } from '../store-error.js';
import type { LocalContent } from './local-folder.js';
import type { Upload } from './remote.js';
import { bestEffort, recordEvent, startTimer } from './recorded.js';
import { SharedContent } from './shared-content.js';
import { NO_LEASE, type Lease } from './leases.js';
import { checkKey, formatUnsigned, type Facts, type SharedStoreParts } from './shared-store-parts.js';
import {
  IN_MEMORY,
  type FlushReport,
  type PutOptions,
  type PutOutcome,
  type Store,
  type StoredArchive,
  type StoreHit,
} from './store.js';
import { TemporaryFiles } from './temporary-files.js';

export class SharedStore implements Store {
  readonly label: string;
  private readonly files: TemporaryFiles;
  private readonly content: SharedContent;
  private isRefused = false;

  constructor(private readonly parts: SharedStoreParts) {
    this.label = parts.label;
    this.files = new TemporaryFiles(parts.local, (error) => parts.journal.warn(error.message));
    this.content = new SharedContent(parts, this.files, (upload, file) => this.send(upload, file));
  }

  get canWrite(): boolean {
    const { remote, outbox } = this.parts;
    return remote === undefined || (outbox !== undefined && this.uploadsEntries && !this.isRefused);
  }

  private get leases(): SharedStoreParts['leases'] {
    return this.canWrite ? this.parts.leases : undefined;
  }

  private get uploadsEntries(): boolean {
    return this.parts.uploadsEntries !== false;
  }

  keeps(kind: EntryKind): boolean {
    return this.parts.remote !== undefined || this.parts.localKinds.includes(kind);
  }

  async get(kind: EntryKind, key: string): Promise<StoreHit | undefined> {
    checkKey(key);
    if (!this.keeps(kind)) return undefined;
    const timer = startTimer();
    const hit = (await this.findLocal(kind, key)) ?? (await this.findRemote(kind, key));
    await this.recordLookup(kind, key, hit, timer());
    return hit;
  }

  async getArchive(key: string): Promise<StoredArchive | undefined> {
    checkKey(key);
    if (!this.keeps('nx')) return undefined;
    const timer = startTimer();
    const local = await this.findLocal('nx', key);
    const hit = local === undefined ? await this.findRemoteArchive(key) : { ...local, content: local.path };
    await this.recordLookup('nx', key, hit, timer());
    return hit;
  }

  async lease(kind: EntryKind, key: string): Promise<Lease> {
    checkKey(key);
    return this.leases === undefined ? NO_LEASE : this.leases.take(kind, key);
  }

  async tryLease(kind: EntryKind, key: string): Promise<Lease | undefined> {
    checkKey(key);
    return this.leases === undefined ? NO_LEASE : this.leases.tryTake(kind, key);
  }

  temporaryFile(): Promise<string> {
    return this.files.next();
  }

  async put(facts: Facts, source: string | Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    checkKey(facts.key);
    const { localKinds, outbox, journal } = this.parts;
    try {
      this.isRefused ||= outbox !== undefined && (await journal.isSet('read-only'));
      const isKept = localKinds.includes(facts.kind) || (this.parts.remote !== undefined && this.canWrite);
      const outcome = isKept
        ? await bestEffort(this.parts.journal, () => this.keepSource(facts, source, options))
        : undefined;
      return outcome ?? 'failed';
    } finally {
      if (options.takeOwnership === true && typeof source === 'string') await removeFile(source);
    }
  }

  async getOrProduce(...request: Parameters<Store['getOrProduce']>): ReturnType<Store['getOrProduce']> {
    return this.content.getOrProduce(...request);
  }

  async flush(deadlineMs: number): Promise<FlushReport> {
    const report = await bestEffort(this.parts.journal, () => this.parts.uploader?.flush(deadlineMs));
    // Once per run is enough, and leftovers do not affect results.
    await removeLeftovers(this.parts.local.folder, new Date()).catch(() => undefined);
    return report ?? { uploaded: 0, bytes: 0, left: 0, refused: 0 };
  }

  async close(): Promise<void> {
    await this.parts.uploader?.close();
    await this.files.close();
  }

  private async findLocal(kind: EntryKind, key: string): Promise<StoreHit | undefined> {
    const { local, localKinds, journal } = this.parts;
    if (!localKinds.includes(kind)) return undefined;
    const refused: StoreError[] = [];
    const entry = await bestEffort(this.parts.journal, () => local.find(kind, key, (error) => refused.push(error)));
    for (const error of refused) await journal.warn(error.message);
    return entry && { record: entry.record, path: entry.path, from: 'local', release: this.releaseOf(entry) };
  }

  private async findRemote(kind: EntryKind, key: string): Promise<StoreHit | undefined> {
    const { remote, local, localKinds } = this.parts;
    const record = await remote?.find(kind, key);
    if (record === undefined) return undefined;
    if (!localKinds.includes(kind)) return this.pass(record);
    const found = await bestEffort(this.parts.journal, () => local.findContent(record.sha256, record.size));
    const content = found ?? (await this.content.fetch(record.sha256, record.size));
    if (content === undefined) return undefined;
    await bestEffort(this.parts.journal, async () => {
      await local.keepContent(record, content.path, record.namespace);
      await local.keepRecord(record, 'remote');
    });
    return { record, path: content.path, from: 'remote', release: this.releaseOf(content) };
  }

  private async findRemoteArchive(
    key: string,
  ): Promise<(StoredArchive & Pick<StoreHit, 'record' | 'from'>) | undefined> {
    const { remote, local } = this.parts;
    const record = await remote?.find('nx', key);
    if (record === undefined || remote === undefined) return undefined;
    const isLocal = await bestEffort(this.parts.journal, () => local.hasContent(record.sha256));
    if (record.size > IN_MEMORY || isLocal === true) {
      const hit = await this.pass(record);
      return hit && { ...hit, content: hit.path };
    }
    const content = await remote.readContent(record);
    return content && { record, content, from: 'remote', release: () => Promise.resolve() };
  }

  /** An entry that is not kept locally: its content may be there for another entry, and is downloaded into a temporary file otherwise. */
  private async pass(record: EntryRecord): Promise<StoreHit | undefined> {
    const found = await bestEffort(this.parts.journal, () => this.parts.local.findContent(record.sha256, record.size));
    if (found !== undefined) return { record, path: found.path, from: 'local', release: this.releaseOf(found) };
    const path = await this.files.next();
    const release = (): Promise<void> => removeFile(path);
    if ((await this.parts.remote?.download(record.sha256, record.size, path)) === undefined) return undefined;
    return { record, path, from: 'remote', release };
  }

  private async keepSource(facts: Facts, source: string | Uint8Array, options: PutOptions): Promise<PutOutcome> {
    if (typeof source === 'string') return this.keep(facts, source, options);
    const { remote, uploader, localKinds } = this.parts;
    const isOnlySent = remote !== undefined && !localKinds.includes(facts.kind) && this.uploadsEntries;
    if (isOnlySent && uploader?.hasMemoryFor(source.length) === true) {
      const timer = startTimer();
      const record = remote.recordOf({ ...facts, ...(options.content ?? (await digestOf(source))) });
      uploader.addFromMemory({ record }, source, () => this.sendBytes({ record }, source));
      await this.recordBuilt(record, timer());
      return 'stored';
    }
    const file = await this.files.write(source);
    return this.keep(facts, file, { ...options, takeOwnership: true });
  }

  private async keep(facts: Facts, file: string, options: PutOptions): Promise<PutOutcome> {
    const { local, localKinds, remote } = this.parts;
    const timer = startTimer();
    const { temporary, content } = await this.take(file, options);
    let outcome: PutOutcome = 'stored';
    try {
      const record = (remote ?? local).recordOf({ ...facts, ...content });
      if (localKinds.includes(record.kind)) {
        await local.keepContent(record, temporary);
        outcome = await local.keepRecord(record, 'built');
      }
      await this.recordBuilt(record, timer());
      if (this.uploadsEntries) await this.send({ record }, temporary);
      else await this.warnUnsigned();
      return outcome;
    } finally {
      await removeFile(temporary);
    }
  }

  private async warnUnsigned(): Promise<void> {
    const { label, journal, outbox, warnsUnsigned } = this.parts;
    if (outbox === undefined || warnsUnsigned !== true) return;
    await journal.warn(formatUnsigned(label));
  }

  private async take(
    file: string,
    { takeOwnership, content }: PutOptions,
  ): Promise<{ temporary: string; content: Digested }> {
    if (takeOwnership !== true) return this.parts.local.take(file, content);
    return { temporary: file, content: content ?? (await digestOfLocalFile(file)) };
  }

  private async sendBytes(upload: Upload, bytes: Uint8Array): Promise<void> {
    const file = await this.files.write(bytes);
    try {
      await this.send(upload, file);
    } finally {
      await removeFile(file);
    }
  }

  private async send(upload: Upload, file: string): Promise<void> {
    const { outbox, uploader } = this.parts;
    if (outbox === undefined || this.isRefused) return;
    const id = await outbox.add(upload, file);
    uploader?.add(id);
  }

  private releaseOf({ path, isLink }: LocalContent): () => Promise<void> {
    if (!isLink) return () => Promise.resolve();
    this.files.keepUntilClose(path);
    return () => removeFile(path);
  }

  private async recordBuilt({ kind, key, fileName: name, size: bytes }: EntryRecord, ms: number): Promise<void> {
    await recordEvent(this.parts.journal, 'built', { kind, key, name, bytes, ms });
  }

  private async recordLookup(
    kind: EntryKind,
    key: string,
    hit: Pick<StoreHit, 'record' | 'from'> | undefined,
    ms: number,
  ): Promise<void> {
    if (hit === undefined) return recordEvent(this.parts.journal, 'miss', { kind, key, ms });
    const { fileName: name, size: bytes } = hit.record;
    return recordEvent(this.parts.journal, 'hit', { kind, key, name, bytes, ms, from: hit.from });
  }
}
