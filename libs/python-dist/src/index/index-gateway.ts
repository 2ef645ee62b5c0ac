// A server on loopback through which uv reads the indexes. uv gets neither the indexes' URLs nor their credentials, so it can't print, cache or pass
// them on, and it sees each distribution only from the index that the index client allows, within the client's limits.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DistError } from '../dist-error.js';
import { normalizeName } from '../names/normalize-name.js';
import type { IndexClient } from './index-client.js';
import type { IndexPage } from './page-cache.js';
import type { IndexFile } from './simple-page.js';

/** uv's cache depends on URLs, so they must not contain the port. uv reaches the host, which does not exist, through its proxy, the gateway. */
const ORIGIN = 'http://pinpack.invalid';
const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
export class IndexGateway {
  /** The first error of the index client: the reason for a failure of uv. */
  failure: DistError | undefined;
  /** Errors of single wheels, which uv leaves out. */
  readonly rejected: DistError[] = [];
  readonly #secret = randomBytes(16).toString('hex');
  readonly #prefix: string;

  private constructor(
    private readonly index: IndexClient,
    private readonly server: Server,
  ) {
    const digest = createHash('sha256').update(index.identity).digest('hex').slice(0, 16);
    this.#prefix = `/${digest}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  static async start(index: IndexClient): Promise<IndexGateway> {
    // Without a listener for CONNECT, Node closes the connection: uv reaches no https URL.
    const server = createServer();
    await new Promise<void>((ready, reject) => server.once('error', reject).listen(0, '127.0.0.1', ready));
    return new IndexGateway(index, server);
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await stopped;
  }

  /** Variables for uv. */
  get environment(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    // The secret keeps other users of this machine from the indexes.
    const proxy = `http://pinpack:${this.#secret}@127.0.0.1:${port}`;
    return {
      UV_OFFLINE: '0',
      UV_DEFAULT_INDEX: `${ORIGIN}${this.#prefix}/simple`,
      ...Object.fromEntries(
        ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
          [name, proxy],
          [name.toLowerCase(), proxy],
        ]),
      ),
      NO_PROXY: '',
      no_proxy: '',
      // The index client has its own retries and time limits.
      UV_HTTP_RETRIES: '0',
      UV_HTTP_TIMEOUT: '86400',
    };
  }

  /** The index's URL of a file, by the gateway's URL that uv reports. */
  async originalUrl(url: string): Promise<string> {
    const [, , , project = '', id = '', name = ''] = new URL(url).pathname.split('/');
    return (await this.#findFile(project, id, name))?.url ?? url;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#isAllowed(request)) return void response.writeHead(407).end();
      const { pathname } = new URL(request.url ?? '', ORIGIN);
      const [, kind, project = '', ...rest] = pathname.startsWith(`${this.#prefix}/`)
        ? pathname.slice(this.#prefix.length).split('/')
        : [];
      if (kind === 'simple') await this.#answerPage(normalizeName(decodeURIComponent(project)), request, response);
      else if (kind === 'files') await this.#answerMetadata(project, rest, response);
      else response.writeHead(404).end();
    } catch (error) {
      if (error instanceof DistError) this.failure ??= error;
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    }
  }

  #isAllowed({ headers, url = '' }: IncomingMessage): boolean {
    const expected = `Basic ${Buffer.from(`pinpack:${this.#secret}`).toString('base64')}`;
    return headers['proxy-authorization'] === expected && url.startsWith(`${ORIGIN}/`);
  }

  async #answerPage(project: string, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.index.page(project);
    if (page === undefined) return void response.writeHead(404).end();
    // uv keeps its own form of the page, and asks each time whether it is still the same.
    const caching = { etag: `"${page.tag}"`, 'cache-control': 'no-cache' };
    if (headers['if-none-match'] === caching.etag) return void response.writeHead(304, caching).end();
    if (page.files().length === 0) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': JSON_TYPE, ...caching }).end(this.#formatPage(project, page));
  }

  #formatPage(project: string, page: IndexPage): string {
    const files = page.files().map((file) => this.#describe(project, file));
    return JSON.stringify({ meta: { 'api-version': '1.1' }, name: project, files });
  }

  #describe(project: string, file: IndexFile): object {
    return {
      filename: file.name,
      url: `${ORIGIN}${this.#prefix}/files/${project}/${idOf(file)}/${encodeURIComponent(file.name)}`,
      hashes: file.sha256 === undefined ? {} : { sha256: file.sha256 },
      yanked: file.yanked,
      ...(file.size !== undefined && { size: file.size }),
      ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
      ...(file.uploadTime !== undefined && { 'upload-time': file.uploadTime }),
      ...(file.name.endsWith('.whl') && {
        'core-metadata': file.metadata?.sha256 === undefined ? true : file.metadata,
      }),
    };
  }

  /** uv needs no more than the METADATA of wheels. */
  async #answerMetadata(project: string, [id = '', path = '']: string[], response: ServerResponse): Promise<void> {
    const [name = '', rest] = path.split(/\.metadata$/);
    const file = rest === undefined ? undefined : await this.#findFile(project, id, name);
    if (file === undefined) return void response.writeHead(404).end();
    const text = await this.#readMetadata(file);
    // uv keeps it while the file has this digest; an error is reported by every run.
    const isCacheable = text !== undefined && file.sha256 !== undefined;
    const caching = isCacheable ? 'max-age=31536000, immutable' : 'no-store';
    // Empty for a wheel that cannot be used: uv leaves it out, and other versions may do.
    response.writeHead(200, { 'cache-control': caching }).end(text ?? '');
  }

  /** @returns undefined for a wheel that cannot be used */
  async #readMetadata(file: IndexFile): Promise<string | undefined> {
    try {
      return (await this.index.metadata(file)) ?? (await this.index.metadataInside(file));
    } catch (error) {
      if (!(error instanceof DistError) || !/^DIST_(?:WHEEL|METADATA)_/.test(error.code)) throw error;
      this.rejected.push(error);
      return undefined;
    }
  }

  async #findFile(project: string, id: string, encodedName: string): Promise<IndexFile | undefined> {
    const name = decodeURIComponent(encodedName);
    return (await this.index.files(project)).find((file) => file.name === name && idOf(file) === id);
  }
}

/** With the digest, so that uv's cache never takes the METADATA of one file for that of another at the same URL. */
function idOf({ url, sha256 }: IndexFile): string {
  return createHash('sha256').update(`${url} ${sha256}`).digest('hex').slice(0, 32);
}
