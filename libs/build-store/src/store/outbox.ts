// What waits to be uploaded, on disk, so that a killed run loses nothing: the next one uploads it. An item is `outbox/<id>.json`, which
// appears by rename after its content `spool/<id>.content`.
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { CLAIMS, SPOOL } from '../backends/folder-backend.js';
import { livenessOfClaim, tryClaim, type Claim } from '../content/claim.js';
import { localFailed } from '../content/digest.js';
import { parseRecord } from '../entry/record.js';
import { isSha256 } from '../names/object-keys.js';
import type { Upload } from './remote.js';

export const OUTBOX = 'outbox';
const ITEM = /^([0-9a-f-]{36})\.json$/;

export class Outbox {
  readonly folder: string;

  /**
   * @param localFolder - absolute
   * @param destination - which store and namespace its items are for; those of others aren't seen
   */
  constructor(
    private readonly localFolder: string,
    private readonly destination: string,
  ) {
    this.folder = join(localFolder, OUTBOX);
  }

  /**
   * @param file - has the content, on the local folder's file system; kept by another hard link, so it may be removed
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
      // Where a folder of the way is a file, this fails as well.
      await rm(content, { force: true }).catch(() => undefined);
      throw localFailed(this.folder, error);
    }
  }

  /** Of this run and of earlier ones, for the same destination. */
  async waiting(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    const ids = names.flatMap((name) => ITEM.exec(name)?.[1] ?? []);
    const uploads = await Promise.all(ids.map((id) => this.read(id)));
    return ids.filter((_, index) => uploads[index] !== undefined);
  }

  /** What an item is; undefined for one that is gone, damaged or another destination's. */
  async read(id: string): Promise<Upload | undefined> {
    const text = await readFile(this.itemOf(id), 'utf8').catch(() => '');
    try {
      const item = JSON.parse(text) as { destination?: unknown; record?: unknown; content?: unknown };
      if (item.destination !== this.destination) return undefined;
      if (item.record === undefined) return parseContent(item.content);
      return { record: parseRecord(Buffer.from(JSON.stringify(item.record)), this.itemOf(id)) };
    } catch {
      return undefined;
    }
  }

  /** One process at a time uploads an item. */
  async claim(id: string): Promise<Claim | undefined> {
    return tryClaim(this.claimOf(id)).catch(() => undefined);
  }

  async isClaimed(id: string): Promise<boolean> {
    return (await livenessOfClaim(this.claimOf(id))) === 'alive';
  }

  async remove(id: string): Promise<void> {
    // The item first: one without content would be tried again and again.
    await rm(this.itemOf(id), { force: true });
    await rm(this.contentOf(id), { force: true });
  }

  /** In bytes; undefined where it's gone. */
  async contentSize(id: string): Promise<number | undefined> {
    return stat(this.contentOf(id)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  contentOf(id: string): string {
    return join(this.localFolder, SPOOL, `${id}.content`);
  }

  private itemOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  private claimOf(id: string): string {
    return join(this.localFolder, CLAIMS, `outbox-${id}`);
  }
}

/** The item that a file's name in the outbox is of. */
export function outboxId(name: string): string | undefined {
  return ITEM.exec(name)?.[1];
}

function parseContent(value: unknown): Upload | undefined {
  const { sha256, size } = (value ?? {}) as { sha256?: unknown; size?: unknown };
  if (typeof sha256 !== 'string' || !isSha256(sha256) || typeof size !== 'number') return undefined;
  return { content: { sha256, size } };
}
