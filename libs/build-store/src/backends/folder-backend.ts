// Stores objects as files of a folder. An object is written to `spool/` and then hard-linked into place. The link fails if the object exists, which
// makes objects write-once, also across processes and machines.
import { chmod, link, mkdir, open, opendir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { removeFile } from '../content/remove-file.js';
import { withClaim } from '../content/claim.js';
import { receiveFile, type Digested } from '../content/digest.js';
import { syncFile } from '../content/sync.js';
import { isAbsent } from '@pinpack/common/missing-file';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';
import {
  absent,
  aborted,
  codeOf,
  contentDiffers,
  isAborted,
  isFile,
  makeFolder,
  receiveContent,
  storeErrorOf,
  tooLarge,
} from './folder-files.js';

/** Folder of unfinished files and pending uploads. */
export const SPOOL = 'spool';
/** Folder of claims. */
export const CLAIMS = 'claims';
const READ_ONLY = 0o444;
const PIECE = 1 << 18;
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK'];

export class FolderBackend implements ObjectBackend {
  readonly label: string;

  /**
   * @param folder - absolute; created with the first object
   * @param workFolder - folder of `spool` and `claims` on the same file system; default: the folder itself
   * @param isDurable - whether objects are written through to the disk; default: true
   */
  constructor(
    readonly folder: string,
    private readonly workFolder: string = folder,
    private readonly isDurable = true,
  ) {
    this.label = folder;
  }

  async read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined> {
    return this.ifThere(path, attempt, async () => {
      const file = await open(this.pathOf(path), 'r');
      try {
        const { size } = await file.stat();
        if (size > limit) throw tooLarge(path, size, limit);
        // Read to its end, since the file may have grown.
        const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(limit + 1), position: 0 });
        if (bytesRead > limit) throw tooLarge(path, bytesRead, limit);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    });
  }

  async download(path: string, file: string, attempt?: Attempt): Promise<Digested | undefined> {
    return this.ifThere(path, attempt, async () => {
      // Opened first, so that no new file is created if the object does not exist.
      const source = await open(this.pathOf(path), 'r');
      try {
        await this.touch(path);
        const pieces = source.createReadStream({ highWaterMark: PIECE, autoClose: false });
        return await receiveFile(pieces, file, attempt?.signal);
      } finally {
        await source.close();
      }
    });
  }

  /** Opens an object. The caller can read it to its end, also if it is removed in the meantime. */
  async open(path: string): Promise<FileHandle | undefined> {
    return this.ifThere(path, undefined, async () => {
      const file = await open(this.pathOf(path), 'r');
      if ((await file.stat()).isFile()) return file;
      await file.close();
      return undefined;
    });
  }

  async create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'> {
    return this.guard(path, attempt, async () => {
      if ((await isFile(this.pathOf(path))) && (await this.touch(path))) return 'exists';
      const temporary = await this.spoolFile();
      try {
        const found = await receiveContent(content, temporary, attempt);
        if (found.size !== content.size || found.sha256 !== content.sha256) throw contentDiffers(path, content, found);
        return await this.keep(temporary, path);
      } finally {
        await removeFile(temporary);
      }
    });
  }

  async stat(path: string, attempt?: Attempt): Promise<ObjectFacts | undefined> {
    return this.ifThere(path, attempt, async () => {
      const found = await stat(this.pathOf(path));
      return found.isFile() ? { path, size: found.size, modified: found.mtime } : undefined;
    });
  }

  async *list(prefix: string, attempt?: Attempt): AsyncIterable<ObjectFacts> {
    // A prefix may end within a name, as in S3.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for (const path of await this.guard(prefix, attempt, () => this.filesBelow(folder))) {
      if (!path.startsWith(prefix)) continue;
      const facts = await this.stat(path, attempt);
      if (facts !== undefined) yield facts;
    }
  }

  async remove(path: string, attempt?: Attempt): Promise<void> {
    await this.guard(path, attempt, () => rm(this.pathOf(path), { force: true }));
  }

  /**
   * Makes a complete file of the same file system an object, unless the object exists. The file becomes read-only, and the caller removes it. File and
   * names of a durable folder are written through to the disk, since a record that is written next may refer to the object.
   *
   * @param file - absolute; below the folder
   */
  async keep(file: string, path: string): Promise<'created' | 'exists'> {
    const target = this.pathOf(path);
    return this.guard(path, undefined, async () => {
      await makeFolder(dirname(target), this.isDurable);
      await chmod(file, READ_ONLY);
      if (this.isDurable) await syncFile(file);
      const outcome = await this.linkOnce(file, path);
      if (this.isDurable) await syncFile(dirname(target));
      return outcome;
    });
  }

  /** Marks an object as used, for `gc`. This may not be permitted, and nothing else depends on it. @returns false if the object does not exist */
  async touch(path: string): Promise<boolean> {
    const now = new Date();
    return utimes(this.pathOf(path), now, now).then(
      () => true,
      (error: unknown) => !isAbsent(error),
    );
  }

  /**
   * Removes an object that was not used since a time. It is renamed before its time is read: a writer that reuses it either marks it as used before, or
   * finds it missing and writes it again.
   *
   * @param time - in milliseconds since 1970
   */
  async removeUnusedSince(path: string, time: number): Promise<boolean> {
    const removed = await this.spoolFile();
    return this.guard(path, undefined, async () => {
      const target = this.pathOf(path);
      if ((await rename(target, removed).then(() => true, absent)) === undefined) return true;
      try {
        if ((await stat(removed)).mtimeMs <= time) return true;
        await link(removed, target).catch((error: unknown) => {
          if (codeOf(error) !== 'EEXIST') throw error;
        });
        return false;
      } finally {
        await removeFile(removed);
      }
    });
  }

  /** The path of a new file on the file system of the objects. Its folder exists. */
  async spoolFile(): Promise<string> {
    const folder = join(this.workFolder, SPOOL);
    return this.guard(SPOOL, undefined, async () => {
      await mkdir(folder, { recursive: true });
      return join(folder, `${randomUUID()}.tmp`);
    });
  }

  /** Absolute path of an object. */
  pathOf(path: string): string {
    const isBelow = path
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
    if (!isBelow) throw new RangeError(`${path} is not the path of an object`);
    return join(this.folder, path);
  }

  private async linkOnce(file: string, path: string): Promise<'created' | 'exists'> {
    try {
      await link(file, this.pathOf(path));
      return 'created';
    } catch (error) {
      // `gc` must not see the object as unused, because the record that follows refers to it.
      if (codeOf(error) === 'EEXIST') return (await this.touch(path)) ? 'exists' : this.linkOnce(file, path);
      if (NO_HARD_LINKS.includes(codeOf(error))) return this.moveOnce(file, path);
      throw error;
    }
  }

  /** For file systems without hard links: one process at a time checks and renames. */
  private async moveOnce(file: string, path: string): Promise<'created' | 'exists'> {
    const target = this.pathOf(path);
    return withClaim(join(this.workFolder, CLAIMS, `object-${path.replaceAll('/', '-')}`), async () => {
      if (await isFile(target)) return 'exists';
      await rename(file, target);
      return 'created';
    });
  }

  private async filesBelow(prefix: string): Promise<string[]> {
    const found: string[] = [];
    const folder = join(this.folder, prefix);
    const directory = await opendir(folder, { recursive: false }).catch(absent);
    if (directory === undefined) return found;
    for await (const entry of directory) {
      if (entry.isDirectory()) found.push(...(await this.filesBelow(`${prefix}${entry.name}/`)));
      else if (entry.isFile()) found.push(`${prefix}${entry.name}`);
    }
    return found;
  }

  private async ifThere<T>(path: string, attempt: Attempt | undefined, task: () => Promise<T>): Promise<T | undefined> {
    return this.guard(path, attempt, () => task().catch(absent));
  }

  private async guard<T>(path: string, attempt: Attempt | undefined, task: () => Promise<T>): Promise<T> {
    const subject = join(this.folder, path);
    if (isAborted(attempt)) throw aborted(subject, attempt?.signal?.reason);
    try {
      return await task();
    } catch (error) {
      if (isAborted(attempt)) throw aborted(subject, error);
      throw storeErrorOf(subject, error);
    }
  }
}
