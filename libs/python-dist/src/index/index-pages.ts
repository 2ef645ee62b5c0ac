// Reads the pages of projects, each once.
import { distError } from '../dist-error.js';
import type { ConfiguredIndex } from './index-configuration.js';
import { unreachable, type IndexTransport } from './index-transport.js';
import { redact } from './redact.js';
import type { IndexFile } from './simple-page.js';

const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';
const PAGE = { headers: { accept: ACCEPT }, applied: { seconds: 'pageSeconds', size: 'pageMiB' } } as const;

interface Page {
  files: IndexFile[];
  /** After redirects. */
  url: string;
}

export class IndexPages {
  readonly #pages = new Map<string, Promise<Page | undefined>>();

  constructor(private readonly transport: IndexTransport) {}

  /**
   * The files of a project on an index, or undefined if the index does not have it.
   *
   * @param project - PEP 503 name
   * @param isFixed - whether a redirect to another host is an error: it would take the project from somewhere else
   */
  async of(index: ConfiguredIndex, project: string, isFixed = false): Promise<IndexFile[] | undefined> {
    const requested = pageUrl(index, project);
    const known = this.#pages.get(requested) ?? this.#read(requested);
    this.#pages.set(requested, known);
    const page = await known;
    if (page === undefined) return undefined;
    if (hostOf(page.url) === hostOf(requested)) return page.files;
    if (isFixed) throw redirected(project, requested, page.url);
    // Some indexes redirect to the public one for names that they do not have: then it is that index that has the project.
    const others = this.transport.configuration.indexes.filter((other) => other !== index);
    return others.some(({ url }) => hostOf(url) === hostOf(page.url)) ? undefined : page.files;
  }

  async #read(requested: string): Promise<Page | undefined> {
    const { status, headers, url, body } = await this.transport.read(requested, PAGE);
    if (status === 404 || status === 410) return undefined;
    if (status !== 200) throw unreachable(requested, `answered with status ${status}`);
    const { parseHtmlPage, parseJsonPage } = await import('./simple-page.js');
    const text = body.toString('utf8');
    const isJson = String(headers['content-type']).includes('json');
    return { files: isJson ? parseJsonPage(text, url) : parseHtmlPage(text, url), url };
  }
}

function pageUrl({ url }: ConfiguredIndex, project: string): string {
  const page = new URL(url);
  page.pathname = `${page.pathname.replace(/\/+$/, '')}/${project}/`;
  return page.href;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function redirected(project: string, from: string, to: string): Error {
  return distError(project, 'DIST_INDEX_REDIRECTED', [
    `${redact(from)} redirects to another host: ${redact(to)}`,
    'reqset.json assigns this project to the index that redirects, so it is not taken from another one.',
    'Upload it to that index, or correct "index" in reqset.json.',
  ]);
}
