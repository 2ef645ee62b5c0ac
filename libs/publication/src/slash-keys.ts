// pip asks for `simple/numpy/`. A web server answers with the folder's index.html; S3 knows no folders, but an object may have a key that ends in
// `/`. Some servers that aren't Amazon's take such an object and show nothing of it, so it is tried first.
import { StoreError } from '@pinpack/build-store';
import { publishedBytes } from './published-files.js';
import type { PublicationPlace } from './publication-target.js';

const INDEX = /(^|\/)index\.html$/;
const PROBE = publishedBytes('.probe/', 'An index page may have a key that ends with a slash.\n', 'text/plain');

export class SlashKeys {
  private areServed: Promise<boolean> | undefined;

  constructor(private readonly place: PublicationPlace) {}

  /** The key that is asked for in place of an index.html; undefined for other files, and where the server doesn't serve such keys. */
  async twinOf(path: string): Promise<string | undefined> {
    if (!INDEX.test(path)) return undefined;
    this.areServed ??= this.probe(path.slice(0, path.indexOf('/')));
    return (await this.areServed) ? path.replace(INDEX, '$1') : undefined;
  }

  private async probe(label: string): Promise<boolean> {
    const path = `${label}/${PROBE.path}`;
    try {
      await this.place.replace(path, PROBE, 'any');
      const found = await this.place.read(path, PROBE.size);
      return found !== undefined && Buffer.from(found.bytes).length === PROBE.size;
    } catch (error) {
      // A server that keeps something else than was sent, or refuses such a key.
      if (error instanceof StoreError && ['STORE_CONTENT_DIFFERS', 'STORE_ANSWER_INVALID'].includes(error.code))
        return false;
      throw error;
    } finally {
      // Who may not remove leaves it: it is of 53 bytes.
      await this.place.remove(path).catch(() => undefined);
    }
  }
}
