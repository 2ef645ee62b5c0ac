// Creates temporary files: in the spool of the local folder, or in a system folder until the store is closed if the spool is not writable.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFile } from '../content/remove-file.js';
import { StoreError } from '../store-error.js';
import type { LocalFolder } from './local-folder.js';

/** Errors of a full disk or a read-only folder: another folder may work. */
const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT', 'ENOTDIR'];

export class TemporaryFiles {
  private readonly kept = new Set<string>();
  private fallback: Promise<string> | undefined;

  /** @param warn - called for an error of the local folder */
  constructor(
    private readonly local: LocalFolder,
    private readonly warn: (error: StoreError) => Promise<void>,
  ) {}

  /** The path of a new file. */
  async next(): Promise<string> {
    try {
      return await this.local.backend.spoolFile();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await this.warn(error);
      return this.nextElsewhere();
    }
  }

  /** Writes bytes into a new file. */
  async write(bytes: Uint8Array): Promise<string> {
    const { file } = await this.produce((path) => writeFile(path, bytes, { flag: 'wx', mode: 0o600 }));
    return file;
  }

  /** Produces a new file. After an error of the local folder's disk, tries again in another folder. */
  async produce<T>(write: (path: string) => Promise<T>): Promise<{ file: string; result: T }> {
    const file = await this.next();
    try {
      return { file, result: await write(file) };
    } catch (error) {
      await removeFile(file);
      const isElsewhere = this.fallback !== undefined && file.startsWith(await this.fallback);
      if (isElsewhere || !isDiskFault(error)) throw error;
      await this.warn(new StoreError('STORE_LOCAL_FAILED', this.local.folder, (error as Error).message));
    }
    const other = await this.nextElsewhere();
    return { file: other, result: await write(other) };
  }

  /** Keeps a file whose path was returned to a caller until the store is closed. */
  keepUntilClose(file: string): void {
    this.kept.add(file);
  }

  async close(): Promise<void> {
    for (const file of this.kept) await removeFile(file);
    if (this.fallback !== undefined)
      await rm(await this.fallback, { recursive: true, force: true }).catch(() => undefined);
  }

  private async nextElsewhere(): Promise<string> {
    this.fallback ??= mkdtemp(join(tmpdir(), 'pinpack-'));
    return join(await this.fallback, randomUUID());
  }
}

function isDiskFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && DISK_FAULTS.includes(String(error.code))) || isDiskFault(error.cause);
}
