// Creates, rolls back and removes publications, and replaces mutable files. Knows nothing about the content of the files.
import { StoreError } from '@pinpack/build-store';
import { publicationPath } from './publication-paths.js';
import { checked, checkedId, PublicationsReader } from './publications-reader.js';
import type { PublishedFile } from './publication-target.js';
import { publishFiles, type Published, type PublishRequest } from './publish.js';
import { pointTo } from './pointer.js';
import { retirePublications, type Retired, type RetireRequest } from './retire.js';
import { writeChanging } from './write-changing.js';

/** Every method throws what PublicationTarget's do, and RangeError for an invalid label, ID or path. */
export class Publications extends PublicationsReader {
  /**
   * Publishes files and, when the publication is complete, makes it the latest. Files that an earlier publication has, or that a killed publisher
   * uploaded, are not uploaded again. Publishing the same files again gives the same publication.
   *
   * @throws StoreError also `STORE_CONTENT_DIFFERS`, if a file changed after it was digested
   */
  async publish(request: PublishRequest): Promise<Published> {
    checked(request.label);
    return publishFiles(this, this.target, request);
  }

  /** Writes mutable files of a label. Readers see the old or the new file. Files with the same content are not uploaded. */
  async write(label: string, files: readonly PublishedFile[]): Promise<{ written: number }> {
    return writeChanging(this.target, checked(label), files);
  }

  /** Reads a mutable file; undefined if it does not exist. */
  async readChanging(label: string, path: string, limit: number): Promise<Uint8Array | undefined> {
    return (await this.target.read(`${checked(label)}/${path}`, limit))?.bytes;
  }

  /** Removes mutable files. */
  async removeChanging(label: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const full = `${checked(label)}/${path}`;
      const twin = await this.target.indexTwin(full);
      if (twin !== undefined) await this.target.remove(twin);
      await this.target.remove(full);
    }
  }

  /** Lists the names directly below a folder of mutable files; '' for the folder of the label. */
  async namesOfChanging(label: string, folder: string): Promise<string[]> {
    return this.target.names(`${checked(label)}/${folder === '' ? '' : `${folder}/`}`);
  }

  /**
   * Makes an earlier publication the latest.
   *
   * @param url - public base URL of the publications, without a trailing slash
   * @returns the previous publication; undefined if there was none
   * @throws StoreError `STORE_ANSWER_INVALID` if there is no such complete publication
   */
  async rollback(label: string, id: string, url: string): Promise<string | undefined> {
    await this.mustBeComplete(checked(label), checkedId(id));
    const before = await pointTo(this.target, { label, id, url, mayReplace: () => true });
    try {
      // Another process may have removed it in the meantime.
      await this.mustBeComplete(label, id);
    } catch (error) {
      if (before.id !== undefined) {
        await pointTo(this.target, { label, id: before.id, url, mayReplace: (found) => found === id });
      }
      throw error;
    }
    return before.id;
  }

  /** Removes old publications and leftovers of killed publishers, but never a publication that was the latest within the last hour. */
  async retire(request: RetireRequest): Promise<Retired> {
    checked(request.label);
    return retirePublications(this, this.target, request);
  }

  private async mustBeComplete(label: string, id: string): Promise<void> {
    if (await this.isComplete(label, id)) return;
    throw new StoreError(
      'STORE_ANSWER_INVALID',
      `${this.target.location}/${publicationPath(label, id)}`,
      'there is no such publication, or it is incomplete',
    );
  }
}
