// Queue of pending uploads on disk, so that the next run uploads what a killed run left. An item is `outbox/<id>.json`, which is renamed into
// place after its content `spool/<id>.content`.
import { constants, readFileSync, rmSync, statSync } from 'node:fs';
import { copyFile, link, mkdir, readdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { removeFile } from '../content/remove-file.js';
import { CLAIMS, SPOOL } from '../backends/folder-backend.js';
import { livenessOfClaim, tryClaim, type Claim } from '../content/claim.js';
import { localFailed } from '../content/digest.js';
import { isAbsent, undefinedIfAbsent } from '@pinpack/common/missing-file';
import type { MachineKey } from '../entry/machine-key.js';
import { RECORD_SCHEMA } from '../entry/record.js';
import { signedFields } from '../entry/signature.js';
import { isSha256 } from '../names/object-keys.js';
import type { Upload } from './remote.js';

export const OUTBOX = 'outbox';
const ITEM = /^([0-9a-f-]{36})\.json$/;

const ITEM_SCHEMA = z
  .object({
    destination: z.string(),
    record: RECORD_SCHEMA.optional(),
    content: z.object({ sha256: z.string().refine(isSha256), size: z.int() }).optional(),
    mac: z.string().catch(''),
  })
  .transform(({ destination, record, content, mac }) => ({
    destination,
    upload: (record === undefined ? content && { content } : { record }) satisfies Upload | undefined,
    mac,
  }));

const PURPOSE = 'pinpack outbox item 1';

export class Outbox {
  readonly folder: string;

  /**
   * @param localFolder - absolute
   * @param destination - store and namespace of its items; items of other destinations are ignored
   * @param key - authenticates items, so that an item that came from elsewhere is not uploaded with this run's rights
   */
  constructor(
    private readonly localFolder: string,
    private readonly destination: string,
    private readonly key: MachineKey,
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
      // Not written through to the disk: after a power failure, damaged items are not uploaded, and their entries are made again.
      const mac = this.key.macOf(PURPOSE, this.fieldsOf(upload));
      const item = JSON.stringify({ destination: this.destination, ...upload, mac });
      await writeFileAtomically(this.itemOf(id), [Buffer.from(item)]);
      return id;
    } catch (error) {
      await removeFile(content);
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
    return ids.filter((id) => this.read(id) !== undefined);
  }

  /**
   * undefined for an item that is gone, damaged, for another destination, or not of this user's runs on this machine.
   *
   * @throws StoreError `STORE_LOCAL_FAILED`
   */
  read(id: string): Upload | undefined {
    const text = this.ifThere(() => readFileSync(this.itemOf(id), 'utf8')) ?? '';
    const item = parseJson(text, ITEM_SCHEMA);
    if (item?.upload === undefined || item.destination !== this.destination) return undefined;
    return this.key.isMacOf(item.mac, PURPOSE, this.fieldsOf(item.upload)) ? item.upload : undefined;
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
    rmSync(this.itemOf(id), { force: true });
    await removeFile(this.contentOf(id));
  }

  /** In bytes; undefined if it is gone. */
  contentSize(id: string): number | undefined {
    return this.ifThere(() => statSync(this.contentOf(id)).size);
  }

  contentOf(id: string): string {
    return join(this.localFolder, SPOOL, `${id}.content`);
  }

  private ifThere<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      return isAbsent(error) ? undefined : this.fail(error);
    }
  }

  private readonly fail = (error: unknown): never => {
    throw localFailed(this.folder, error);
  };

  private fieldsOf(upload: Upload): [string, string][] {
    const destination: [string, string] = ['destination', this.destination];
    if ('record' in upload) {
      const { keyId = '', value = '' } = upload.record.signature ?? {};
      return [destination, ...signedFields(upload.record), ['signature', `${keyId} ${value}`]];
    }
    return [destination, ['sha256', upload.content.sha256], ['size', String(upload.content.size)]];
  }

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
