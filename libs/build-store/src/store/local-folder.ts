// The store's folder on this machine. Entries and content are verified and used in place. Damaged files are removed, so that a later put can
// replace them.
import { createReadStream } from 'node:fs';
import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { CLAIMS, FolderBackend } from '../backends/folder-backend.js';
import { withClaim } from '../content/claim.js';
import { digestOfFile, localFailed, receiveFile, type Digested } from '../content/digest.js';
import { isAbsent, undefinedIfAbsent } from '@pinpack/common/missing-file';
import type { EntryRecord } from '../entry/record.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, entryPath, readableNamespaces, type EntryKind, type Namespace } from '../names/object-keys.js';
import type { StoreError } from '../store-error.js';
import { EntryStore } from './entry-store.js';

export interface LocalContent extends Digested {
  /** Path of the verified content; read-only. */
  path: string;
}

export interface LocalEntry {
  record: EntryRecord;
  /** As in LocalContent. */
  path: string;
}

export class LocalFolder {
  readonly backend: FolderBackend;
  private readonly entries: EntryStore;

  /** @param folder - absolute; created with the first object */
  constructor(
    readonly folder: string,
    readonly namespace: Namespace,
    trust?: Trust,
  ) {
    this.backend = new FolderBackend(folder);
    this.entries = new EntryStore(this.backend, namespace, trust);
  }

  /** @param refuse - called for a rejected record */
  async find(kind: EntryKind, key: string, refuse: (error: StoreError) => void): Promise<LocalEntry | undefined> {
    const record = await this.entries.findRecord(kind, key, async (error, path) => {
      refuse(error);
      // A reader with other public keys may accept the signature.
      if (error.code === 'STORE_ANSWER_INVALID') await removeDamaged(this.backend.pathOf(path));
    });
    if (record === undefined) return undefined;
    const content = await this.findContent(record.sha256, record.size);
    if (content !== undefined) {
      await touch(this.recordFile(record));
      return { record, path: content.path };
    }
    await removeDamaged(this.recordFile(record));
    return undefined;
  }

  /** Finds undamaged content. */
  async findContent(sha256: string, size?: number): Promise<LocalContent | undefined> {
    for (const namespace of readableNamespaces(this.namespace)) {
      const file = this.backend.pathOf(contentPath(namespace, sha256));
      const found = await digestOf(file);
      if (found === undefined) continue;
      if (found.sha256 === sha256 && (size === undefined || size === found.size)) {
        await touch(file);
        return { ...found, path: file };
      }
      if (found.sha256 !== sha256) await removeDamaged(file);
    }
    return undefined;
  }

  /** Copies the current content of a file into the spool. */
  async take(file: string): Promise<{ temporary: string; content: Digested }> {
    const temporary = await this.backend.spoolFile();
    try {
      return { temporary, content: await receiveFile(createReadStream(file), temporary) };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Stores a file of the spool as content, and returns the path of the content. The caller removes the file. */
  async keepContent(content: Digested, temporary: string): Promise<string> {
    const path = contentPath(this.namespace, content.sha256);
    const file = this.backend.pathOf(path);
    if ((await this.backend.keep(temporary, path)) === 'created') return file;
    // With another size, the existing content is damaged.
    if ((await sizeOf(file)) !== content.size) {
      await removeDamaged(file);
      await this.backend.keep(temporary, path);
    }
    return file;
  }

  /** Stores the record of stored content, without the signature: the local folder is trusted. */
  async keepRecord({ signature: _, ...record }: EntryRecord): Promise<void> {
    await this.entries.putRecord(this.entries.recordOf(record));
  }

  recordOf(...entry: Parameters<EntryStore['recordOf']>): EntryRecord {
    return this.entries.recordOf(...entry);
  }

  /** Runs a task while no other process on this machine runs one for the same name. */
  async withLock<T>(name: string, task: () => Promise<T>): Promise<T> {
    return withClaim(join(this.folder, CLAIMS, name), task);
  }

  private recordFile({ namespace, kind, key }: EntryRecord): string {
    return this.backend.pathOf(entryPath(namespace, kind, key));
  }
}

/** In a read-only folder the file stays, and is a miss each time. */
async function removeDamaged(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

/** Marks the file as used, for `gc`. May not be permitted, and nothing else depends on it. */
async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}

async function digestOf(file: string): Promise<Digested | undefined> {
  try {
    return await digestOfFile(file);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw localFailed(file, error);
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(undefinedIfAbsent))?.size;
}
