// The store on a folder: content-addressed and write-once. A blob lies at `v1/sha256/<first two digits>/<digest>`, and appears there by rename.
import { randomUUID } from 'node:crypto';
import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { sha256OfFile } from './digest.js';
import { StoreError } from './store-error.js';

export class FolderStore {
  /** @param folder - absolute; made when the first blob is kept */
  constructor(readonly folder: string) {}

  /**
   * The path of a blob, verified by its digest. A blob that isn't there is produced once, whoever else asks for it at the same time, in
   * this process or another: they wait and share it.
   *
   * @param sha256 - of the content, in hex
   * @param produce - writes the content to the path that it's given
   * @returns a path inside the store: copy from it, never write to it
   * @throws StoreError `STORE_CONTENT_DIFFERS` when what was produced has another digest
   */
  async getOrProduce(sha256: string, produce: (path: string) => Promise<void>): Promise<string> {
    const path = this.path(sha256);
    if (await this.has(sha256)) return path;
    await mkdir(dirname(path), { recursive: true });
    const release = await this.acquire(path);
    try {
      // Another process may have produced it while this one waited.
      if (!(await this.has(sha256))) await this.produce(path, sha256, produce);
      return path;
    } finally {
      await release();
    }
  }

  /** Whether a blob is there and whole. A damaged one is removed. */
  async has(sha256: string): Promise<boolean> {
    const path = this.path(sha256);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (!isThere) return false;
    if ((await sha256OfFile(path)) === sha256) return true;
    await rm(path, { force: true });
    return false;
  }

  private async produce(path: string, sha256: string, produce: (path: string) => Promise<void>): Promise<void> {
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await produce(temporary);
      const found = await sha256OfFile(temporary);
      if (found !== sha256) {
        throw new StoreError(
          'STORE_CONTENT_DIFFERS',
          sha256,
          `the content that was produced has another digest, sha256=${found}`,
        );
      }
      await chmod(temporary, 0o444);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** A lock that its holder keeps fresh: one left by a killed process is taken over after ten seconds. */
  private async acquire(path: string): Promise<() => Promise<void>> {
    // The blob isn't there yet, so there is no real path to resolve.
    return lock(path, {
      realpath: false,
      stale: 10_000,
      retries: { forever: true, factor: 1, minTimeout: 50, maxTimeout: 200 },
    });
  }

  private path(sha256: string): string {
    return join(this.folder, 'v1', 'sha256', sha256.slice(0, 2), sha256);
  }
}

/**
 * The folder of a store's URL, or the user's own cache folder where none is given.
 *
 * @param url - `file:///path`, from the plugin's option `store` or `PINPACK_STORE`
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export function storeFolder(url: string | undefined, environment: Record<string, string | undefined>): string {
  if (url === undefined || url === '')
    return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pinpack', 'store');
  if (!url.startsWith('file:///')) {
    throw new StoreError(
      'STORE_LOCATION_INVALID',
      url,
      'not a store that pinpack knows\n  expected file:///path\n  Set the option "store" in nx.json or PINPACK_STORE.',
    );
  }
  return decodeURIComponent(new URL(url).pathname);
}
