// Content by its digest: from the local folder, from the remote store, or produced.
import { access } from 'node:fs/promises';
import { digestOfLocalFile, type Digested } from '../content/digest.js';
import { removeFile } from '../content/remove-file.js';
import { StoreError } from '../store-error.js';
import type { LocalContent } from './local-folder.js';
import { bestEffort, recordEvent, startTimer } from './recorded.js';
import type { Upload } from './remote.js';
import type { SharedStoreParts } from './shared-store-parts.js';
import type { ProduceOptions } from './store.js';
import type { TemporaryFiles } from './temporary-files.js';

export class SharedContent {
  constructor(
    private readonly parts: SharedStoreParts,
    private readonly files: TemporaryFiles,
    private readonly send: (upload: Upload, file: string) => Promise<void>,
  ) {}

  async getOrProduce(
    sha256: string,
    produce: (path: string) => Promise<void>,
    options: ProduceOptions = {},
  ): Promise<{ path: string; from: 'local' | 'remote' | 'produced' }> {
    const timer = startTimer();
    const found = await this.findContent(sha256, timer);
    if (found !== undefined) return { path: found.path, from: 'local' };
    return this.parts.local.withLock(`content-${sha256}`, async () => {
      // Another process may have stored it in the meantime.
      const content = await this.findContent(sha256, timer);
      if (content !== undefined) return { path: content.path, from: 'local' };
      const isRarelyStored = (await options.isRarelyStored?.()) === true;
      const fetched = isRarelyStored ? undefined : await this.fetchContent(sha256, timer);
      if (fetched !== undefined) return { path: fetched.path, from: 'remote' };
      await recordEvent(this.parts.journal, 'miss', { key: sha256, ms: timer() });
      try {
        return { path: await this.produce(sha256, produce, options), from: 'produced' };
      } catch (error) {
        const instead = isRarelyStored ? await this.fetchContent(sha256, timer) : undefined;
        if (instead === undefined) throw error;
        return { path: instead.path, from: 'remote' };
      }
    });
  }

  private async findContent(sha256: string, timer: () => number): Promise<LocalContent | undefined> {
    const found = await bestEffort(this.parts.journal, () => this.parts.local.findContent(sha256));
    if (found === undefined) return undefined;
    if (found.isLink) this.files.keepUntilClose(found.path);
    await recordEvent(this.parts.journal, 'hit', { key: sha256, bytes: found.size, ms: timer(), from: 'local' });
    return found;
  }

  private async fetchContent(sha256: string, timer: () => number): Promise<LocalContent | undefined> {
    const found = await this.fetch(sha256);
    if (found !== undefined)
      await recordEvent(this.parts.journal, 'hit', { key: sha256, bytes: found.size, ms: timer(), from: 'remote' });
    return found;
  }

  /** Downloads content from the remote into the local folder. */
  async fetch(sha256: string, size?: number): Promise<LocalContent | undefined> {
    const { remote } = this.parts;
    if (remote === undefined) return undefined;
    const file = await this.files.next();
    const found = await remote.download(sha256, size, file);
    return found && { ...found, ...(await this.keepContent(found, file)) };
  }

  private async produce(
    sha256: string,
    produce: (path: string) => Promise<void>,
    { isUploaded = () => true, verifiedSize }: ProduceOptions,
  ): Promise<string> {
    const { file, result: content } = await this.files.produce(async (path) => {
      await produce(path);
      return verifiedSize === undefined ? digestOfLocalFile(path) : { sha256, size: verifiedSize };
    });
    if (content.sha256 !== sha256) {
      await removeFile(file);
      const message = `the produced content has another digest, found sha256=${content.sha256}`;
      throw new StoreError('STORE_CONTENT_DIFFERS', sha256, message);
    }
    if (isUploaded()) await bestEffort(this.parts.journal, () => this.send({ content }, file));
    return (await this.keepContent(content, file)).path;
  }

  /** Links a temporary file into the local folder. The reader uses the temporary file, which `gc` does not remove. */
  private async keepContent(content: Digested, file: string): Promise<Pick<LocalContent, 'path' | 'isLink'>> {
    const path = await bestEffort(this.parts.journal, () => this.parts.local.keepContent(content, file));
    // On a file system without hard links, the file was moved.
    if (path !== undefined && !(await isThere(file))) return { path, isLink: false };
    this.files.keepUntilClose(file);
    return { path: file, isLink: true };
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
