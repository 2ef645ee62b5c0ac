// Publishes to a folder, to be served by a web server. Files appear by a hard link, mutable files by renaming. Files of an earlier publication are
// hard-linked instead of copied.
import { chmod, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  CLAIMS,
  digestOfFile,
  FolderBackend,
  localFailed,
  receiveFile,
  removeLeftovers,
  withClaim,
  type Attempt,
} from '@pinpack/build-store/object-storage';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { StoreError } from '@pinpack/build-store';
import type { PlacedDigest, PlacedObject, PublicationTarget, PublishedFile } from './publication-target.js';
import { sha256OfBytes } from './publication-record.js';

/** Folder for unfinished files. A label cannot begin with a dot. */
const WORK = '.pinpack';
const READABLE_FILE = 0o644;
const READABLE_FOLDER = 0o755;
const CHANGING_LIMIT = 16 << 20;

export class FolderTarget implements PublicationTarget {
  readonly location: string;
  readonly atOnce = 4;
  private readonly backend: FolderBackend;
  private readonly workFolder: string;

  /** @param folder - absolute; created with the first file */
  constructor(readonly folder: string) {
    this.location = folder;
    this.workFolder = join(folder, WORK);
    this.backend = new FolderBackend(folder, this.workFolder);
  }

  async read(path: string, limit: number, attempt?: Attempt): Promise<PlacedObject | undefined> {
    const bytes = await this.backend.read(path, limit, attempt);
    return bytes && { bytes, version: sha256OfBytes(bytes) };
  }

  async download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined> {
    return this.backend.download(path, file, attempt);
  }

  async isThere(path: string): Promise<boolean> {
    return (await this.backend.stat(path)) !== undefined;
  }

  digest(path: string): Promise<PlacedDigest | undefined> {
    return this.guard(path, async () => digestOfFile(this.backend.pathOf(path)).catch(undefinedIfAbsent));
  }

  async create(path: string, file: PublishedFile): Promise<'created' | 'exists'> {
    await this.guard(path, () => makeReadableFolder(dirname(this.backend.pathOf(path))));
    return this.backend.create(path, file);
  }

  async copy(from: string, path: string, file: PublishedFile): Promise<boolean> {
    const found = await this.digest(from);
    if (found?.sha256 !== file.sha256) return false;
    return this.guard(path, async () => {
      const target = this.backend.pathOf(path);
      await makeReadableFolder(dirname(target));
      // Too many links, or no hard links on this file system: the file is then copied.
      return link(this.backend.pathOf(from), target).then(
        () => true,
        () => false,
      );
    });
  }

  async replace(path: string, file: PublishedFile, expected: { version: string } | 'absent' | 'any'): Promise<boolean> {
    return this.guard(path, async () => {
      const temporary = await this.backend.spoolFile();
      try {
        const { sha256 } = await receiveFile(file.open(), temporary);
        if (sha256 !== file.sha256) throw contentDiffers(path, sha256, file.sha256);
        return await this.replaceBy(temporary, path, expected);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  private async replaceBy(
    temporary: string,
    path: string,
    expected: { version: string } | 'absent' | 'any',
  ): Promise<boolean> {
    const target = this.backend.pathOf(path);
    await makeReadableFolder(dirname(target));
    await chmod(temporary, READABLE_FILE);
    return withClaim(join(this.workFolder, CLAIMS, `pointer-${path.replaceAll('/', '-')}`), async () => {
      if (expected !== 'any' && !(await this.isAt(path, expected))) return false;
      await rename(temporary, target);
      return true;
    });
  }

  names(prefix: string): Promise<string[]> {
    return this.guard(prefix, async () => (await readdir(join(this.folder, prefix)).catch(undefinedIfAbsent)) ?? []);
  }

  async sizes(prefix: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { path, size } of this.backend.list(prefix)) found.set(path, size);
    return found;
  }

  remove(path: string): Promise<void> {
    return this.backend.remove(path);
  }

  async removeAll(prefix: string): Promise<void> {
    const folder = this.backend.pathOf(prefix.replace(/\/$/, ''));
    await this.guard(prefix, () => rm(folder, { recursive: true, force: true }));
  }

  async clean(now: Date): Promise<void> {
    await removeLeftovers(this.workFolder, now);
  }

  indexTwin(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private async isAt(path: string, expected: { version: string } | 'absent'): Promise<boolean> {
    const current = await this.read(path, CHANGING_LIMIT);
    return expected === 'absent' ? current === undefined : current?.version === expected.version;
  }

  private async guard<T>(path: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (error instanceof StoreError || error instanceof RangeError) throw error;
      const subject = join(this.folder, path);
      const isForbidden = hasCode(error, 'EACCES') || hasCode(error, 'EPERM') || hasCode(error, 'EROFS');
      if (isForbidden) throw new StoreError('STORE_FORBIDDEN', subject, (error as Error).message, { cause: error });
      throw localFailed(subject, error);
    }
  }
}

function contentDiffers(path: string, found: string, expected: string): StoreError {
  return new StoreError(
    'STORE_CONTENT_DIFFERS',
    path,
    `the content has another digest, sha256=${found}\n  expected sha256=${expected}`,
  );
}

/** Lets the user of the web server read the folder, whatever the publisher's umask. */
async function makeReadableFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let path = folder; path.length >= first.length; path = dirname(path)) await chmod(path, READABLE_FOLDER);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
