// The store's folder on this machine. Entries and content are verified and used in place. Damaged files are removed, so that a later put can
// replace them. It is the user's own folder, whose records remember how they were verified (local-records.ts), or a store that is a folder.
import { constants } from 'node:fs';
import { copyFile, link, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '../content/remove-file.js';
import { CLAIMS, FolderBackend } from '../backends/folder-backend.js';
import { withClaim } from '../content/claim.js';
import { copyAndDigest, digestOfFile, localFailed, type Digested } from '../content/digest.js';
import { isAbsent, undefinedIfAbsent } from '@pinpack/common/missing-file';
import { isSameEntry, type EntryRecord } from '../entry/record.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, entryPath, readableNamespaces, type EntryKind, type Namespace } from '../names/object-keys.js';
import type { StoreError } from '../store-error.js';
import { EntryStore } from './entry-store.js';
import type { LocalRecords } from './local-records.js';

export interface LocalContent extends Digested {
  /** Path of the verified content; read-only. */
  path: string;
  /** The path is a link of the reader, which removes it after use: `gc` may remove the content at any time. */
  isLink: boolean;
}

export interface LocalEntry extends LocalContent {
  record: EntryRecord;
}

export interface LocalFolderOptions {
  /** For a store that is a folder: checks and makes signatures. */
  trust?: Trust | undefined;
  /** For the user's own folder. */
  records?: LocalRecords | undefined;
}

export class LocalFolder {
  readonly backend: FolderBackend;
  private readonly entries: EntryStore;
  private readonly records: LocalRecords | undefined;

  /** @param folder - absolute; created with the first object */
  constructor(
    readonly folder: string,
    readonly namespace: Namespace,
    { trust, records }: LocalFolderOptions,
  ) {
    // The user's own folder is a cache: what a power failure damages is found when it is read, and made again.
    this.backend = new FolderBackend(folder, folder, records === undefined);
    this.records = records;
    this.entries = new EntryStore(this.backend, namespace, trust, records?.isBelieved);
  }

  /** @param refuse - called for a rejected record */
  async find(kind: EntryKind, key: string, refuse: (error: StoreError) => void): Promise<LocalEntry | undefined> {
    const record = await this.entries.findRecord(kind, key, async (error, path) => {
      refuse(error);
      await this.removeInvalid(error, path);
    });
    if (record === undefined) return undefined;
    const content = await this.findContent(record.sha256, record.size);
    if (content !== undefined) {
      await this.backend.touch(entryPath(record.namespace, record.kind, record.key));
      return { ...content, record };
    }
    await removeFile(this.recordFile(record));
    return undefined;
  }

  /** Whether content exists, which may be damaged. */
  async hasContent(sha256: string): Promise<boolean> {
    for (const namespace of readableNamespaces(this.namespace)) {
      if ((await sizeOf(this.backend.pathOf(contentPath(namespace, sha256)))) !== undefined) return true;
    }
    return false;
  }

  /** Finds undamaged content. */
  async findContent(sha256: string, size?: number): Promise<LocalContent | undefined> {
    for (const namespace of readableNamespaces(this.namespace)) {
      const path = contentPath(namespace, sha256);
      const file = this.backend.pathOf(path);
      const link = await this.linkTo(file);
      const found = link && (await digestOf(link.path));
      if (link === undefined || found === undefined) continue;
      if (found.sha256 === sha256 && (size === undefined || size === found.size)) {
        await this.backend.touch(path);
        return { ...found, ...link };
      }
      if (link.isLink) await removeFile(link.path);
      if (found.sha256 !== sha256) await removeFile(file);
    }
    return undefined;
  }

  /**
   * Copies the current content of a file into the spool.
   *
   * @param content - its digest, if known. A file that was changed since is not believed by readers
   */
  async take(file: string, content?: Digested): Promise<{ temporary: string; content: Digested }> {
    const temporary = await this.backend.spoolFile();
    try {
      if (content === undefined) return { temporary, content: await copyAndDigest(file, temporary) };
      await copyFile(file, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      return { temporary, content };
    } catch (error) {
      await removeFile(temporary);
      throw error;
    }
  }

  /** Stores a file of the spool as content, and returns the path of the content. The caller removes the file. */
  async keepContent(content: Digested, temporary: string, namespace: Namespace = this.namespace): Promise<string> {
    const path = contentPath(namespace, content.sha256);
    const file = this.backend.pathOf(path);
    if ((await this.backend.keep(temporary, path)) === 'created') return file;
    // With another size, the existing content is damaged.
    if ((await sizeOf(file)) !== content.size) {
      await removeFile(file);
      await this.backend.keep(temporary, path);
    }
    return file;
  }

  /**
   * Stores the record of stored content. In the user's folder it replaces a record that this reader does not believe.
   *
   * @returns `conflict` if the key has another content, which stays
   */
  async keepRecord(record: EntryRecord, from: 'built' | 'remote'): Promise<'stored' | 'conflict'> {
    const kept = this.records?.stamp(record, from) ?? record;
    if ((await this.entries.putRecord(kept)) === 'created') return 'stored';
    const existing = await this.entries.readRecord(record, (error, path) => this.removeInvalid(error, path));
    if (existing !== undefined) return isSameEntry(existing, record) ? 'stored' : 'conflict';
    if (this.records !== undefined) await removeFile(this.recordFile(record));
    return (await this.entries.putRecord(kept)) === 'created' ? 'stored' : 'conflict';
  }

  recordOf(...entry: Parameters<EntryStore['recordOf']>): EntryRecord {
    return this.entries.recordOf(...entry);
  }

  /** Runs a task while no other process on this machine runs one for the same name. */
  async withLock<T>(name: string, task: () => Promise<T>): Promise<T> {
    return withClaim(join(this.folder, CLAIMS, name), task);
  }

  /** A reader with other public keys may accept a signature that this one rejects, so only invalid records are removed. */
  private async removeInvalid(error: StoreError, path: string): Promise<void> {
    if (error.code === 'STORE_ANSWER_INVALID') await removeFile(this.backend.pathOf(path));
  }

  /** Without permission to link, or on a file system without hard links, readers use the file itself. */
  private async linkTo(file: string): Promise<Pick<LocalContent, 'path' | 'isLink'> | undefined> {
    try {
      if ((await sizeOf(file)) === undefined) return undefined;
      const path = await this.backend.spoolFile();
      await link(file, path);
      return { path, isLink: true };
    } catch (error) {
      return isAbsent(error) ? undefined : { path: file, isLink: false };
    }
  }

  private recordFile({ namespace, kind, key }: EntryRecord): string {
    return this.backend.pathOf(entryPath(namespace, kind, key));
  }
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
  const found = await stat(file)
    .catch(undefinedIfAbsent)
    .catch((error: unknown) => {
      throw localFailed(file, error);
    });
  return found?.size;
}
