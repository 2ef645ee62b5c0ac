// Stores objects as files of a folder. An object is written to `spool/` and then hard-linked into place. The link fails if the object exists, which
// makes objects write-once, also across processes and machines.
import { link, mkdir, open, opendir, rename, rm, stat, chmod } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { withClaim } from '../content/claim.js';
import { localFailed, receiveFile, type Digested } from '../content/digest.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';

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
   * @param folder - absolute; made when the first object is written
   * @param workFolder - where `spool` and `claims` are, on the same file system; default: the folder itself
   */
  constructor(
    readonly folder: string,
    private readonly workFolder: string = folder,
  ) {
    this.label = folder;
  }

  async read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined> {
    return this.ifThere(path, attempt, async () => {
      const file = await open(this.pathOf(path), 'r');
      try {
        const { size } = await file.stat();
        if (size > limit) throw tooLarge(path, size, limit);
        // Read to its end and not to `size`, which a writer in place could have changed.
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
      // Opened before the new file is made: there is none where there is no such object.
      const source = await open(this.pathOf(path), 'r');
      try {
        const pieces = source.createReadStream({ highWaterMark: PIECE, autoClose: false });
        return await receiveFile(pieces, file, attempt?.signal);
      } finally {
        await source.close();
      }
    });
  }

  async create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'> {
    return this.guard(path, attempt, async () => {
      if (await isFile(this.pathOf(path))) return 'exists';
      const temporary = await this.spoolFile();
      try {
        const found = await receiveFile(content.open(), temporary, attempt?.signal);
        if (found.size !== content.size || found.sha256 !== content.sha256) throw contentDiffers(path, content, found);
        return await this.keep(temporary, path);
      } finally {
        await rm(temporary, { force: true });
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
   * Makes a whole file of the same file system an object, unless there is one; the file becomes read-only, and stays for the caller to remove.
   *
   * @param file - absolute; below the folder
   */
  async keep(file: string, path: string): Promise<'created' | 'exists'> {
    const target = this.pathOf(path);
    return this.guard(path, undefined, async () => {
      await mkdir(dirname(target), { recursive: true });
      await chmod(file, READ_ONLY);
      try {
        await link(file, target);
        return 'created';
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return 'exists';
        if (NO_HARD_LINKS.includes(codeOf(error))) return this.moveOnce(file, path);
        throw error;
      }
    });
  }

  /** The path of a new file on the objects' own file system, in a folder that is there. */
  async spoolFile(): Promise<string> {
    const folder = join(this.workFolder, SPOOL);
    return this.guard(SPOOL, undefined, async () => {
      await mkdir(folder, { recursive: true });
      return join(folder, `${randomUUID()}.tmp`);
    });
  }

  /** Where an object lies, absolute. */
  pathOf(path: string): string {
    const isBelow = path
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
    if (!isBelow) throw new RangeError(`${path} is no path of an object`);
    return join(this.folder, path);
  }

  /** For file systems without hard links: one process at a time looks and renames. */
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

function storeErrorOf(subject: string, error: unknown): unknown {
  if (error instanceof StoreError || error instanceof RangeError) return error;
  if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) return localFailed(subject, error);
  return new StoreError('STORE_FORBIDDEN', subject, (error as Error).message, { cause: error });
}

function isAborted(attempt: Attempt | undefined): boolean {
  return attempt?.signal?.aborted === true;
}

function aborted(subject: string, cause: unknown): StoreError {
  return new StoreError('STORE_UNREACHABLE', subject, 'not done in time', { cause });
}

function tooLarge(path: string, size: number, limit: number): StoreError {
  return new StoreError('STORE_ANSWER_INVALID', path, `it has ${size} bytes, expected at most ${limit}`);
}

function contentDiffers(path: string, expected: Digested, found: Digested): StoreError {
  return new StoreError(
    'STORE_CONTENT_DIFFERS',
    path,
    `the content does not have the announced size and digest\n  expected ${expected.size} bytes, sha256=${expected.sha256}\n  found ${found.size} bytes, sha256=${found.sha256}`,
  );
}

/** A folder in place of an object is not an object either. */
function absent(error: unknown): undefined {
  if (codeOf(error) !== 'EISDIR') undefinedIfAbsent(error);
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(absent))?.isFile() ?? false;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
