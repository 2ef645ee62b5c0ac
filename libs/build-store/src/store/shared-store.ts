// The store of a run: the local folder, and before it nothing or behind it a remote.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOfFile, sha256OfFile } from '../digest.js';
import type { EntryKind } from '../layout.js';
import { StoreError } from '../store-error.js';
import type { LocalFolder } from './local-folder.js';
import type { RunJournal, StoreEvent } from './run-journal.js';
import type { FlushReport, PutOptions, Store, StoreHit } from './store.js';

export interface SharedStoreParts {
  label: string;
  local: LocalFolder;
  journal: RunJournal;
  kinds: readonly EntryKind[];
}

export class SharedStore implements Store {
  readonly label: string;
  readonly canWrite = true;
  private fallback: Promise<string> | undefined;

  constructor(private readonly parts: SharedStoreParts) {
    this.label = parts.label;
  }

  keeps(kind: EntryKind): boolean {
    return this.parts.kinds.includes(kind);
  }

  async get(kind: EntryKind, key: string): Promise<StoreHit | undefined> {
    if (!this.keeps(kind)) return undefined;
    const timer = startTimer();
    const hit = await this.soft(() => this.findLocal(kind, key));
    await this.record(hit === undefined ? 'miss' : 'hit', { kind, key, ms: timer(), ...factsOf(hit) });
    return hit;
  }

  async temporaryFile(): Promise<string> {
    const path = await this.soft(() => this.parts.local.backend.spoolFile());
    return path ?? join(await this.fallbackFolder(), randomUUID());
  }

  async put(facts: Parameters<Store['put']>[0], file: string, options: PutOptions = {}): Promise<void> {
    const { local } = this.parts;
    try {
      if (!this.keeps(facts.kind)) return;
      const timer = startTimer();
      await this.soft(async () => {
        const { temporary, content } = options.isGiven
          ? { temporary: file, content: options.content ?? (await digestOfFile(file)) }
          : await local.take(file);
        try {
          await local.keepEntry(local.recordOf({ ...facts, ...content }), temporary);
        } finally {
          await rm(temporary, { force: true });
        }
        const { kind, key, fileName: name } = facts;
        await this.record('built', { kind, key, name, bytes: content.size, ms: timer() });
      });
    } finally {
      if (options.isGiven) await rm(file, { force: true });
    }
  }

  async getOrProduce(
    sha256: string,
    produce: (path: string) => Promise<void>,
  ): Promise<{ path: string; from: 'local' | 'remote' | 'produced' }> {
    const { local } = this.parts;
    const path = await this.soft(() => local.findContent(sha256));
    if (path !== undefined) return { path, from: 'local' };
    return local.alone(`content-${sha256}`, async () => {
      // Another process may have produced it while this one waited.
      const found = await this.soft(() => local.findContent(sha256));
      if (found !== undefined) return { path: found, from: 'local' };
      return { path: await this.produce(sha256, produce), from: 'produced' };
    });
  }

  flush(): Promise<FlushReport> {
    return Promise.resolve({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
  }

  async close(): Promise<void> {
    if (this.fallback !== undefined) await rm(await this.fallback, { recursive: true, force: true });
  }

  private async findLocal(kind: EntryKind, key: string): Promise<StoreHit | undefined> {
    const refused: StoreError[] = [];
    const entry = await this.parts.local.find(kind, key, (error) => refused.push(error));
    for (const error of refused) await this.parts.journal.warn(error.message);
    return entry && { ...entry, from: 'local', release: () => Promise.resolve() };
  }

  private async produce(sha256: string, produce: (path: string) => Promise<void>): Promise<string> {
    const temporary = await this.temporaryFile();
    try {
      await produce(temporary);
      const found = await sha256OfFile(temporary);
      if (found !== sha256) {
        const message = `the content that was produced has another digest, sha256=${found}`;
        throw new StoreError('STORE_CONTENT_DIFFERS', sha256, message);
      }
      const { size } = await stat(temporary);
      return await this.parts.local.keepContent({ sha256, size }, temporary);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Does what may fail without failing the build: a fault is told once, and is as nothing found. */
  private async soft<T>(task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await this.parts.journal.warn(error.message);
      return undefined;
    }
  }

  private async record(event: StoreEvent['event'], facts: Partial<StoreEvent>): Promise<void> {
    await this.parts.journal.record({ event, kind: 'content', key: '', name: '', bytes: 0, ms: 0, ...facts });
  }

  /** Where the local folder can't be written, what was produced lies here until `close()`. */
  private fallbackFolder(): Promise<string> {
    this.fallback ??= mkdtemp(join(tmpdir(), 'pinpack-'));
    return this.fallback;
  }
}

function factsOf(hit: StoreHit | undefined): Partial<StoreEvent> {
  return hit === undefined ? {} : { name: hit.record.fileName, bytes: hit.record.size, from: hit.from };
}

function startTimer(): () => number {
  const started = performance.now();
  return () => Math.round(performance.now() - started);
}
