// A publication: releases of folders that never change, and a pointer to the latest of each label. It knows nothing of what the files are.
import type { Attempt } from '../backend/backend.js';
import { StoreError } from '../store-error.js';
import { isLabel, isReleaseId, parsePointer, pointerPath, RELEASE_FILE, releasePath, releasesPath } from './layout.js';
import type { PublicationPlace, PublishedFile } from './place.js';
import { publishRelease, type Published, type PublishOrder } from './publish-release.js';
import { pointTo } from './pointer.js';
import { parseRelease, type Release } from './release.js';
import { retireReleases, type Retired, type RetireOrder } from './retire.js';
import { writeChanging } from './write-changing.js';

export interface ReleaseFacts {
  id: string;
  isLatest: boolean;
}

/** A release.json of some hundred thousand files. */
const RELEASE_LIMIT = 64 << 20;
const POINTER_LIMIT = 64 * 1024;

/** Every method throws what PublicationPlace's do, and RangeError for a label, an id or a path that can't be one. */
export class Publication {
  constructor(private readonly place: PublicationPlace) {}

  /** For people, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  get location(): string {
    return this.place.label;
  }

  /** The complete releases, newest first. */
  async releases(label: string): Promise<ReleaseFacts[]> {
    const latest = await this.latest(label);
    const ids = await this.ids(label);
    const isWhole = await Promise.all(ids.map((id) => this.isComplete(label, id)));
    return ids.filter((_, index) => isWhole[index] === true).map((id) => ({ id, isLatest: id === latest }));
  }

  /** The id of the release that readers are sent to; undefined where nothing is published. */
  async latest(label: string): Promise<string | undefined> {
    const found = await this.place.read(pointerPath(checked(label)), POINTER_LIMIT);
    return found && parsePointer(found.bytes);
  }

  /** What a release consists of; undefined where there is no such complete release. */
  async release(label: string, id: string): Promise<Release | undefined> {
    const bytes = await this.readFile(label, id, RELEASE_FILE, RELEASE_LIMIT);
    return bytes && parseRelease(`${this.place.label}/${releasePath(label, id, RELEASE_FILE)}`, bytes);
  }

  /** A file of a release, whole; undefined where there is none. One of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
  async readFile(
    label: string,
    id: string,
    path: string,
    limit: number,
    attempt?: Attempt,
  ): Promise<Uint8Array | undefined> {
    return (await this.place.read(releasePath(checked(label), checkedId(id), path), limit, attempt))?.bytes;
  }

  /**
   * Writes a file of a release into a new file, and digests it on the way: to be compared by who asked.
   *
   * @param file - doesn't exist yet; left for the caller to remove when the call fails
   * @returns undefined, and no file, where the release has no such file
   */
  async download(
    label: string,
    id: string,
    path: string,
    file: string,
    attempt?: Attempt,
  ): Promise<{ size: number; sha256: string } | undefined> {
    return this.place.download(releasePath(checked(label), checkedId(id), path), file, attempt);
  }

  /**
   * Makes files a release and, when all of it is there, the latest. What an earlier release has isn't sent again, nor what a publisher that was
   * killed had sent. The same files again are the same release.
   *
   * @throws StoreError also `STORE_CONTENT_DIFFERS`, when a file isn't what it was when it was digested
   */
  async publish(order: PublishOrder): Promise<Published> {
    checked(order.label);
    return publishRelease(this, this.place, order);
  }

  /** Files of a label that change, and are no release's: each is seen old or new, and what is there already isn't sent. */
  async write(label: string, files: readonly PublishedFile[]): Promise<{ written: number }> {
    return writeChanging(this.place, checked(label), files);
  }

  /** A file that changes; undefined where there is none. */
  async readChanging(label: string, path: string, limit: number): Promise<Uint8Array | undefined> {
    return (await this.place.read(`${checked(label)}/${path}`, limit))?.bytes;
  }

  /** Removes files that change. */
  async removeChanging(label: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const whole = `${checked(label)}/${path}`;
      const twin = await this.place.indexTwin(whole);
      if (twin !== undefined) await this.place.remove(twin);
      await this.place.remove(whole);
    }
  }

  /** The names directly below a folder of what changes; '' for the label's own. */
  async namesOfChanging(label: string, folder: string): Promise<string[]> {
    return this.place.names(`${checked(label)}/${folder === '' ? '' : `${folder}/`}`);
  }

  /**
   * Makes an earlier release the latest.
   *
   * @param url - how readers reach the publication, without a slash at its end
   * @returns the id of the one before; undefined where there was none
   * @throws StoreError `STORE_ANSWER_INVALID` where there is no such complete release
   */
  async rollback(label: string, id: string, url: string): Promise<string | undefined> {
    await this.mustBeComplete(checked(label), checkedId(id));
    const before = await pointTo(this.place, { label, id, url, mayReplace: () => true });
    try {
      // Somebody may have retired it just now.
      await this.mustBeComplete(label, id);
    } catch (error) {
      if (before.id !== undefined) {
        await pointTo(this.place, { label, id: before.id, url, mayReplace: (found) => found === id });
      }
      throw error;
    }
    return before.id;
  }

  /** Removes old releases, and what killed publishers left. Never the latest, nor what was the latest within the last hour. */
  async retire(order: RetireOrder): Promise<Retired> {
    checked(order.label);
    return retireReleases(this, this.place, order);
  }

  /** Whether a release is all there, so that readers may be sent to it. */
  async isComplete(label: string, id: string): Promise<boolean> {
    return this.place.isThere(releasePath(checked(label), checkedId(id), RELEASE_FILE));
  }

  /** Of all releases, also incomplete ones, newest first. */
  async ids(label: string): Promise<string[]> {
    return (await this.place.names(releasesPath(checked(label)))).filter(isReleaseId).sort().reverse();
  }

  private async mustBeComplete(label: string, id: string): Promise<void> {
    if (await this.isComplete(label, id)) return;
    throw new StoreError(
      'STORE_ANSWER_INVALID',
      `${this.place.label}/${releasePath(label, id)}`,
      'there is no such release, or it is not complete',
    );
  }
}

function checked(label: string): string {
  if (!isLabel(label)) throw new RangeError(`${label} is no label`);
  return label;
}

function checkedId(id: string): string {
  if (!isReleaseId(id)) throw new RangeError(`${id} is no id of a release`);
  return id;
}
