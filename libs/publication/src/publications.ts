// A publication: releases of folders that never change, and a pointer to the latest of each label. What the files are is the caller's business.
import { StoreError } from '@pinpack/build-store';
import { publicationPath } from './publication-paths.js';
import { checked, checkedId, PublicationsReader } from './publications-reader.js';
import type { PublishedFile } from './publication-target.js';
import { publishFiles, type Published, type PublishRequest } from './publish.js';
import { pointTo } from './pointer.js';
import { retirePublications, type Retired, type RetireRequest } from './retire.js';
import { writeChanging } from './write-changing.js';

/** Every method throws what PublicationTarget's do, and RangeError for a label, an id or a path that can't be one. */
export class Publications extends PublicationsReader {
  /**
   * Makes files a release and, when all of it is there, the latest. What an earlier release has isn't sent again, nor what a publisher that was
   * killed had sent. The same files again are the same release.
   *
   * @throws StoreError also `STORE_CONTENT_DIFFERS`, when a file isn't what it was when it was digested
   */
  async publish(order: PublishRequest): Promise<Published> {
    checked(order.label);
    return publishFiles(this, this.target, order);
  }

  /** Files of a label that change, and are no release's: each is seen old or new, and what is there already isn't sent. */
  async write(label: string, files: readonly PublishedFile[]): Promise<{ written: number }> {
    return writeChanging(this.target, checked(label), files);
  }

  /** A file that changes; undefined where there is none. */
  async readChanging(label: string, path: string, limit: number): Promise<Uint8Array | undefined> {
    return (await this.target.read(`${checked(label)}/${path}`, limit))?.bytes;
  }

  /** Removes files that change. */
  async removeChanging(label: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const whole = `${checked(label)}/${path}`;
      const twin = await this.target.indexTwin(whole);
      if (twin !== undefined) await this.target.remove(twin);
      await this.target.remove(whole);
    }
  }

  /** The names directly below a folder of what changes; '' for the label's own. */
  async namesOfChanging(label: string, folder: string): Promise<string[]> {
    return this.target.names(`${checked(label)}/${folder === '' ? '' : `${folder}/`}`);
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
    const before = await pointTo(this.target, { label, id, url, mayReplace: () => true });
    try {
      // Somebody may have retired it just now.
      await this.mustBeComplete(label, id);
    } catch (error) {
      if (before.id !== undefined) {
        await pointTo(this.target, { label, id: before.id, url, mayReplace: (found) => found === id });
      }
      throw error;
    }
    return before.id;
  }

  /** Removes old releases, and what killed publishers left. Never the latest, nor what was the latest within the last hour. */
  async retire(order: RetireRequest): Promise<Retired> {
    checked(order.label);
    return retirePublications(this, this.target, order);
  }

  private async mustBeComplete(label: string, id: string): Promise<void> {
    if (await this.isComplete(label, id)) return;
    throw new StoreError(
      'STORE_ANSWER_INVALID',
      `${this.target.location}/${publicationPath(label, id)}`,
      'there is no such release, or it is not complete',
    );
  }
}
