// pip requests `simple/numpy/`. A web server answers with the folder's index.html. S3 has no folders, but the key of an object may end with
// `/`. Some S3-compatible servers accept such an object and then serve it empty, so SlashKeys uploads a probe first.
import { StoreError } from '@pinpack/build-store';
import { publishedBytes } from './published-files.js';
import type { PublicationTarget } from './publication-target.js';

const INDEX = /(^|\/)index\.html$/;
const PROBE = publishedBytes('.probe/', 'An index page may have a key that ends with a slash.\n', 'text/plain');

export class SlashKeys {
  private areServed: Promise<boolean> | undefined;

  constructor(private readonly target: PublicationTarget) {}

  /** The key that clients request instead of an index.html; undefined for other files, and if the server does not serve such keys. */
  async twinOf(path: string): Promise<string | undefined> {
    if (!INDEX.test(path)) return undefined;
    this.areServed ??= this.probe(path.slice(0, path.indexOf('/')));
    return (await this.areServed) ? path.replace(INDEX, '$1') : undefined;
  }

  private async probe(label: string): Promise<boolean> {
    const path = `${label}/${PROBE.path}`;
    try {
      await this.target.replace(path, PROBE, 'any');
      const found = await this.target.read(path, PROBE.size);
      return found !== undefined && Buffer.from(found.bytes).length === PROBE.size;
    } catch (error) {
      // The server stores such an object incorrectly or rejects its key.
      if (error instanceof StoreError && ['STORE_CONTENT_DIFFERS', 'STORE_ANSWER_INVALID'].includes(error.code))
        return false;
      throw error;
    } finally {
      await this.target.remove(path).catch(ignoreRefusal);
    }
  }
}

/** Without the permission to delete, the probe of 53 bytes stays. A server that rejects the key rejects it here too. */
function ignoreRefusal(error: unknown): void {
  if (error instanceof StoreError && ['STORE_FORBIDDEN', 'STORE_ANSWER_INVALID'].includes(error.code)) return;
  throw error;
}
