// Reads the pages of projects, each once.
import { sha256Of } from '@pinpack/common/digest';
import { distError } from '../dist-error.js';
import type { ConfiguredIndex } from './index-configuration.js';
import { unreachable } from './index-response.js';
import type { IndexTransport, WholeResponse } from './index-transport.js';
import { makePage, type IndexPage, type PageCache, type StoredPage, type Validators } from './page-cache.js';
import { redact } from './redact.js';
import type { IndexFile } from './simple-page.js';

const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';
const PAGE = { headers: { accept: ACCEPT }, applied: { seconds: 'pageSeconds', size: 'pageMiB' } } as const;

export class IndexPages {
  readonly #pages = new Map<string, Promise<IndexPage | undefined>>();

  constructor(
    private readonly transport: IndexTransport,
    private readonly cache: PageCache,
  ) {}

  /**
   * The page of a project on an index, or undefined if the index does not have it.
   *
   * @param project - PEP 503 name
   * @param isFixed - whether a redirect to another host is an error: it would take the project from somewhere else
   */
  async of(index: ConfiguredIndex, project: string, isFixed = false): Promise<IndexPage | undefined> {
    const requested = pageUrl(index, project);
    const known = this.#pages.get(requested) ?? this.#read(requested);
    this.#pages.set(requested, known);
    const page = await known;
    if (page === undefined) return undefined;
    if (hostOf(page.url) === hostOf(requested)) return page;
    if (isFixed) throw redirected(project, requested, page.url);
    // Some indexes redirect to the public one for names that they do not have: then it is that index that has the project.
    const others = this.transport.configuration.indexes.filter((other) => other !== index);
    return others.some(({ url }) => hostOf(url) === hostOf(page.url)) ? undefined : page;
  }

  async #read(requested: string): Promise<IndexPage | undefined> {
    const stored = await this.cache.read(requested);
    const { status, headers, url, body } = await this.#request(requested, stored);
    if (status === 304 && stored !== undefined) return stored;
    if (status === 404 || status === 410) return undefined;
    if (status !== 200) throw unreachable(requested, `answered with status ${status}`);
    const bodySha256 = sha256Of(body);
    // Many indexes have no validators.
    const isSame = stored?.url === url && stored.bodySha256 === bodySha256;
    if (isSame && !hasValidators(headers)) return stored;
    const parse = await parserOf(headers, url);
    const page = isSame ? stored : makePage(url, bodySha256, () => parse(body.toString('utf8')));
    // Parsed now, so that an invalid page is an error of this request.
    page.files();
    await this.cache.write(requested, { ...page, bodySha256, validators: validatorsOf(headers) });
    return page;
  }

  async #request(requested: string, stored: StoredPage | undefined): Promise<WholeResponse> {
    const conditional = { ...PAGE, headers: { ...PAGE.headers, ...stored?.validators } };
    const response = await this.transport.read(requested, conditional);
    // Relative URLs of files would be wrong.
    const hasMoved = response.status === 304 && response.url !== stored?.url;
    return hasMoved ? this.transport.read(requested, PAGE) : response;
  }
}

type Headers = WholeResponse['headers'];

async function parserOf(headers: Headers, url: string): Promise<(text: string) => IndexFile[]> {
  const { parseHtmlPage, parseJsonPage } = await import('./simple-page.js');
  const parse = String(headers['content-type']).includes('json') ? parseJsonPage : parseHtmlPage;
  return (text) => parse(text, url);
}

function validatorsOf({ etag, 'last-modified': lastModified }: Headers): Validators {
  if (typeof etag === 'string') return { 'if-none-match': etag };
  return typeof lastModified === 'string' ? { 'if-modified-since': lastModified } : {};
}

function hasValidators(headers: Headers): boolean {
  return Object.keys(validatorsOf(headers)).length > 0;
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
