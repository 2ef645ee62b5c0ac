// Queue of pending uploads on disk, so that the next run uploads what a killed run left. An item is `outbox/<id>.json`, which is renamed into
// place after its content `spool/<id>.content`.
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { CLAIMS, SPOOL } from '../backends/folder-backend.js';
import { livenessOfClaim, tryClaim, type Claim } from '../content/claim.js';
import { localFailed } from '../content/digest.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { RECORD_SCHEMA } from '../entry/record.js';
import { isSha256 } from '../names/object-keys.js';
import type { Upload } from './remote.js';

export const OUTBOX = 'outbox';
const ITEM = /^([0-9a-f-]{36})\.json$/;

const ITEM_SCHEMA = z
  .object({
    destination: z.string(),
    record: RECORD_SCHEMA.optional(),
    content: z.object({ sha256: z.string().refine(isSha256), size: z.int() }).optional(),
  })
  .transform(({ destination, record, content }): { destination: string; upload: Upload | undefined } => ({
    destination,
    upload: record === undefined ? content && { content } : { record },
  }));

export class Outbox {
  readonly folder: string;

  /**
   * @param localFolder - absolute
   * @param destination - store and namespace of its items; items of other destinations are ignored
   */
  constructor(
    private readonly localFolder: string,
    private readonly destination: string,
  ) {
    this.folder = join(localFolder, OUTBOX);
  }

  /**
   * @param file - the content, on the file system of the local folder. It is hard-linked, so the caller may remove it
   * @throws StoreError `STORE_LOCAL_FAILED`
   */
  async add(upload: Upload, file: string): Promise<string> {
    const id = randomUUID();
    const content = this.contentOf(id);
    try {
      await mkdir(join(this.localFolder, SPOOL), { recursive: true });
      await link(file, content).catch(() => copyFile(file, content, constants.COPYFILE_FICLONE));
      const item = JSON.stringify({ destination: this.destination, ...upload });
      await writeFileAtomically(this.itemOf(id), [Buffer.from(item)]);
      return id;
    } catch (error) {
      // Fails as well if a parent folder is a file.
      await rm(content, { force: true }).catch(() => undefined);
      throw localFailed(this.folder, error);
    }
  }

  /**
   * IDs of the items of this run and earlier ones for the same destination.
   *
   * @throws StoreError `STORE_LOCAL_FAILED`
   */
  async waiting(): Promise<string[]> {
    const names = (await readdir(this.folder).catch(undefinedIfAbsent).catch(this.fail)) ?? [];
    const ids = names.flatMap((name) => ITEM.exec(name)?.[1] ?? []);
    const uploads = await Promise.all(ids.map((id) => this.read(id)));
    return ids.filter((_, index) => uploads[index] !== undefined);
  }

  /** undefined for an item that is gone, damaged or for another destination. */
  async read(id: string): Promise<Upload | undefined> {
    const text = (await readFile(this.itemOf(id), 'utf8').catch(undefinedIfAbsent).catch(this.fail)) ?? '';
    const item = parseJson(text, ITEM_SCHEMA);
    return item?.destination === this.destination ? item.upload : undefined;
  }

  /** Reserves an item for this process; undefined if another process has it. */
  async claim(id: string): Promise<Claim | undefined> {
    return tryClaim(this.claimOf(id)).catch(() => undefined);
  }

  async isClaimed(id: string): Promise<boolean> {
    return (await livenessOfClaim(this.claimOf(id))) === 'alive';
  }

  async remove(id: string): Promise<void> {
    // The item first: an item without content would be retried forever.
    await rm(this.itemOf(id), { force: true });
    await rm(this.contentOf(id), { force: true });
  }

  /** In bytes; undefined if it is gone. */
  async contentSize(id: string): Promise<number | undefined> {
    return (await stat(this.contentOf(id)).catch(undefinedIfAbsent))?.size;
  }

  contentOf(id: string): string {
    return join(this.localFolder, SPOOL, `${id}.content`);
  }

  private readonly fail = (error: unknown): never => {
    throw localFailed(this.folder, error);
  };

  private itemOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  private claimOf(id: string): string {
    return join(this.localFolder, CLAIMS, `outbox-${id}`);
  }
}

/** ID of the item that a file in the outbox belongs to. */
export function outboxId(name: string): string | undefined {
  return ITEM.exec(name)?.[1];
}
