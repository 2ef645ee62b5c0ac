// Keeps pages of indexes in the user's cache folder, parsed, so that an unchanged page is neither sent again by an index with validators (ETag,
// Last-Modified) nor parsed again. A page is always revalidated: a lock never depends on how old the cache is.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { produceAtomically } from '@pinpack/common/atomic-file';
import { sha256Of } from '@pinpack/common/digest';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { readIfExists } from '../files/optional-file.js';
import type { IndexFile } from './simple-page.js';

/** Part of the names in the cache and of the pages' tags: increment it when the parsed data change. */
const FORMAT = 1;

/** A project's page. */
export interface IndexPage {
  /** After redirects. */
  url: string;
  /** Identifies the files of the page. */
  tag: string;
  /** Parsed when they are first asked for. */
  files: () => IndexFile[];
}

/** The validators of a page (RFC 9110), as request headers. */
export type Validators = Partial<Record<'if-none-match' | 'if-modified-since', string>>;

export interface StoredPage extends IndexPage {
  validators: Validators;
  /** Of the page as the index sent it. */
  bodySha256: string;
}

/** The first line of a stored page; the second one is the JSON of its files. */
const HEAD = z.object({
  url: z.string(),
  validators: z.object({ 'if-none-match': z.string().optional(), 'if-modified-since': z.string().optional() }),
  bodySha256: z.string(),
  filesSha256: z.string(),
});

export class PageCache {
  /** @param cache - the user's cache folder; undefined keeps nothing */
  constructor(private readonly cache: string | undefined) {}

  /** Undefined if the page is not there, or damaged. @param requested - the page's URL, without credentials */
  async read(requested: string): Promise<StoredPage | undefined> {
    const text = this.cache === undefined ? undefined : await readIfExists(fileOf(this.cache, requested));
    if (text === undefined) return undefined;
    const end = text.indexOf('\n');
    const [head, files] = [parseJson(text.slice(0, end), HEAD), text.slice(end + 1)];
    if (head?.filesSha256 !== sha256Of(files)) return undefined;
    const validators = Object.fromEntries(Object.entries(head.validators)) as Validators;
    return { ...makePage(head.url, head.bodySha256, () => JSON.parse(files) as IndexFile[]), ...head, validators };
  }

  async write(requested: string, page: Pick<StoredPage, 'url' | 'validators' | 'bodySha256' | 'files'>): Promise<void> {
    if (this.cache === undefined) return;
    const { url, validators, bodySha256 } = page;
    const files = JSON.stringify(page.files());
    const head = JSON.stringify({ url, validators, bodySha256, filesSha256: sha256Of(files) });
    // URLs of files may have tokens.
    await produceAtomically(fileOf(this.cache, requested), (path) =>
      writeFile(path, `${head}\n${files}`, { flag: 'wx', mode: 0o600 }),
    );
  }
}

export function makePage(url: string, bodySha256: string, parse: () => IndexFile[]): IndexPage {
  let files: IndexFile[] | undefined;
  // Relative URLs of files depend on the page's URL.
  const tag = sha256Of(JSON.stringify([FORMAT, url, bodySha256]));
  return { url, tag, files: () => (files ??= parse()) };
}

function fileOf(cache: string, requested: string): string {
  return join(cache, 'index-pages', `${sha256Of(JSON.stringify([FORMAT, requested]))}.json`);
}
