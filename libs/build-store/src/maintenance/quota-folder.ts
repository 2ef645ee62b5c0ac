// A folder of objects with a disk quota, for the standalone server. Before an object is written that does not fit, the objects that were not used for
// longest are removed. Readers in progress are not disturbed, since they have the file open.
import type { Attempt, ObjectContent } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { StoreError } from '../store-error.js';
import { collectGarbage } from './collect-garbage.js';

/** Part of the quota that remains in use after a removal, so that not every write removes something. */
const KEPT_PART = 0.9;

export class QuotaFolder extends FolderBackend {
  /** In bytes, as of the last count and the writes since then. */
  private used = Infinity;
  /** Of writes in progress, in bytes. */
  private reserved = 0;
  private eviction: Promise<void> = Promise.resolve();

  /** @param quota - in bytes */
  constructor(
    folder: string,
    private readonly quota: number,
  ) {
    super(folder);
  }

  override async create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'> {
    this.reserved += content.size;
    try {
      await this.makeSpace(path);
      const outcome = await super.create(path, content, attempt);
      if (outcome === 'created') this.used += content.size;
      return outcome;
    } finally {
      this.reserved -= content.size;
    }
  }

  /** One removal at a time: the next one may find that there is space. */
  private async makeSpace(path: string): Promise<void> {
    const next = this.eviction.then(() => this.evict());
    this.eviction = next.catch(() => undefined);
    await next;
    if (this.used + this.reserved <= this.quota) return;
    const found = `${this.used} bytes are used and ${this.reserved} are being written`;
    throw new StoreError('STORE_LOCAL_FAILED', path, `no space within the quota of ${this.quota} bytes: ${found}`);
  }

  private async evict(): Promise<void> {
    if (this.used + this.reserved <= this.quota) return;
    const maxBytes = Math.max(0, Math.min(this.quota * KEPT_PART, this.quota - this.reserved));
    const { kept } = await collectGarbage(this.folder, { maxBytes, inUseMs: 0, now: new Date() });
    this.used = kept.bytes;
  }
}
