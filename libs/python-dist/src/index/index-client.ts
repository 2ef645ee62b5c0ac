// Client of the configured package indexes: lists a project's files and downloads them, checking size and sha256 against the lock while streaming.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher } from 'undici';
import { distError, type DistError } from '../dist-error.js';
import type { WheelFile } from '../names/distribution-file.js';
import type { IndexConfiguration } from './index-configuration.js';
import { redact } from './redact.js';
import type { IndexFile } from './simple-page.js';

const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';
const HEADERS_TIMEOUT_MS = 30_000;
/** Between two chunks of a body: slow connections are accepted, stalled ones are not. */
const BODY_TIMEOUT_MS = 60_000;

/** Called with the number of bytes that have just been received. */
export type OnBytes = (count: number) => void;

export class IndexClient {
  private readonly pages = new Map<string, Promise<IndexFile[]>>();
  private dispatcher: Promise<Dispatcher> | undefined;

  /** @param firstPause - in milliseconds, before the first of three retries; each pause is twice the previous one */
  constructor(
    private readonly configuration: IndexConfiguration,
    private readonly firstPause = 500,
  ) {}

  /**
   * The files of a project, from the first index that has it.
   *
   * @param project - PEP 503 name
   * @returns no files if no index has the project
   * @throws DistError `DIST_INDEX_UNREACHABLE`
   */
  files(project: string): Promise<IndexFile[]> {
    const known = this.pages.get(project) ?? this.readFiles(project);
    this.pages.set(project, known);
    return known;
  }

  private async readFiles(project: string): Promise<IndexFile[]> {
    for (const index of this.configuration.urls) {
      const url = `${index}/${project}/`;
      const { statusCode, headers, body, context } = await this.get(url, { accept: ACCEPT });
      const text = (await readWhole(url, body)).toString('utf8');
      if (statusCode === 404 || statusCode === 410) continue;
      if (statusCode !== 200) throw unreachable(url, `answered with status ${statusCode}`);
      const { parseHtmlPage, parseJsonPage } = await import('./simple-page.js');
      const isJson = String(headers['content-type']).includes('json');
      const base = lastUrl(context) ?? url;
      return isJson ? parseJsonPage(text, base) : parseHtmlPage(text, base);
    }
    return [];
  }

  /**
   * The METADATA of a wheel, if the index serves it separately (PEP 658).
   *
   * @returns undefined if it is only in the wheel
   * @throws DistError `DIST_INDEX_METADATA_DIFFERS` if its digest is not the one on the index's page
   */
  async metadata(file: IndexFile): Promise<string | undefined> {
    if (file.metadata === undefined) return undefined;
    const { statusCode, body } = await this.get(`${file.url}.metadata`, {});
    const bytes = await readWhole(file.url, body);
    if (statusCode !== 200) return undefined;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (file.metadata.sha256 !== undefined && file.metadata.sha256 !== found) {
      throw distError(file.name, 'DIST_INDEX_METADATA_DIFFERS', [
        'its metadata file does not match the digest on the page of the index',
        `expected sha256=${file.metadata.sha256}, found sha256=${found}`,
        'The index or a proxy serves damaged data. Try again, or report it to the operator of the index.',
      ]);
    }
    return bytes.toString('utf8');
  }

  /**
   * Downloads a locked wheel to a path that must not exist.
   *
   * @throws DistError `DIST_INDEX_FILE_MISSING`, `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_DIGEST_DIFFERS`
   */
  async download(project: string, wheel: WheelFile, path: string, onBytes: OnBytes = () => undefined): Promise<void> {
    const file = await this.findWheel(project, wheel);
    const { statusCode, body } = await this.get(file.url, {});
    if (statusCode !== 200) {
      await body.dump();
      throw unreachable(file.url, `answered with status ${statusCode}`);
    }
    const hash = createHash('sha256');
    let size = 0;
    const output = createWriteStream(path, { flags: 'wx' });
    await pipeline(
      body,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          size += piece.length;
          if (size > wheel.size) break;
          hash.update(piece);
          onBytes(piece.length);
          yield piece;
        }
      },
      output,
    ).catch((cause: unknown) => {
      if (isFileError(cause)) throw cause;
      throw connectionLost(file.url, cause);
    });
    const found = hash.digest('hex');
    if (size !== wheel.size || found !== wheel.sha256) throw digestDiffers(wheel, size, found);
  }

  /** Size and sha256 of a file whose index page lacks them, by downloading it. Only for `lock`: there is nothing to verify them against. */
  async measure(project: string, name: string): Promise<{ size: number; sha256: string }> {
    const file = (await this.files(project)).find((candidate) => candidate.name === name);
    const { statusCode, body } = await this.get(file?.url ?? '', {});
    if (statusCode !== 200) throw unreachable(file?.url ?? '', `answered with status ${statusCode}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        hash.update(piece);
        size += piece.length;
      }
    } catch (cause) {
      throw connectionLost(file?.url ?? '', cause);
    }
    return { size, sha256: hash.digest('hex') };
  }

  private async findWheel(project: string, wheel: WheelFile): Promise<IndexFile> {
    const files = await this.files(project);
    const file = files.find(({ name }) => name === wheel.name);
    if (file === undefined) {
      const where = this.configuration.urls.map(redact).join(', ');
      throw distError(wheel.name, 'DIST_INDEX_FILE_MISSING', [
        'no configured index has the file',
        `requested from ${where}, found ${files.length} files of ${project}`,
        'Configure an index that has it (PIP_INDEX_URL, pip.conf or uv.toml), or pin another version and lock again.',
      ]);
    }
    if (file.sha256 !== undefined && file.sha256 !== wheel.sha256)
      throw digestDiffers(wheel, file.size ?? wheel.size, file.sha256);
    return file;
  }

  private async get(url: string, headers: Record<string, string>): Promise<Dispatcher.ResponseData> {
    // Imported lazily: every nx command loads this package, and few commands use an index.
    const { request } = await import('undici');
    this.dispatcher ??= createDispatcher(this.configuration, this.firstPause);
    const { target, authorization } = splitCredentials(this.withCredentials(url));
    try {
      return await request(target, {
        dispatcher: await this.dispatcher,
        headers: { ...headers, ...authorization, 'user-agent': 'pinpack' },
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: BODY_TIMEOUT_MS,
      });
    } catch (cause) {
      throw unreachable(url, describeError(cause), cause);
    }
  }

  /** Files on the host of an index need its credentials too, but absolute URLs on its pages do not contain them. */
  private withCredentials(url: string): string {
    const target = new URL(url);
    const index = this.configuration.urls.map((text) => new URL(text)).find(({ origin }) => origin === target.origin);
    if (target.username !== '' || index === undefined) return url;
    target.username = index.username;
    target.password = index.password;
    return target.href;
  }
}

async function readWhole(url: string, body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  try {
    return Buffer.from(await body.arrayBuffer());
  } catch (cause) {
    throw connectionLost(url, cause);
  }
}

/** The URL after redirects: the base of the page's relative URLs. */
function lastUrl(context: unknown): string | undefined {
  return (context as { history?: URL[] } | undefined)?.history?.at(-1)?.href;
}

/** After the last retry the message of undici's error lacks the status, which is a field of the error. */
function describeError(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { statusCode } = cause as { statusCode?: number };
  return statusCode === undefined ? cause.message : `answered with status ${statusCode}`;
}

/** Supports proxies from the environment, redirects, retries of temporary errors, and pip's certificate authorities. */
async function createDispatcher({ certificates }: IndexConfiguration, firstPause: number): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, interceptors } = await import('undici');
  const connect = certificates === undefined ? {} : { ca: await readFile(certificates, 'utf8') };
  return new EnvHttpProxyAgent({ connect, requestTls: connect }).compose(
    interceptors.redirect({ maxRedirections: 5 }),
    interceptors.retry({ maxRetries: 3, minTimeout: firstPause, maxTimeout: 5_000 }),
  );
}

function splitCredentials(url: string): { target: string; authorization: Record<string, string> } {
  const target = new URL(url);
  if (target.username === '') return { target: url, authorization: {} };
  const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
  target.username = '';
  target.password = '';
  return {
    target: target.href,
    authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}

function isFileError(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && 'path' in cause;
}

function connectionLost(url: string, cause: unknown): DistError {
  return unreachable(url, 'the connection was closed before the end of the response', cause);
}

function unreachable(url: string, found: string, cause?: unknown): DistError {
  const shown = redact(url);
  const next =
    'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
  return distError(shown, 'DIST_INDEX_UNREACHABLE', [found, next], { cause });
}

function digestDiffers(wheel: WheelFile, size: number, sha256: string): DistError {
  return distError(wheel.name, 'DIST_INDEX_DIGEST_DIFFERS', [
    'the file on the index differs from the locked one',
    `locked ${wheel.size} bytes, sha256=${wheel.sha256}`,
    // A file that is too long is not read to its end, so its digest is unknown.
    size > wheel.size ? 'found more bytes' : `found ${size} bytes, sha256=${sha256}`,
    'The file was replaced on the index, or a proxy changed it. Find out which before you lock again.',
  ]);
}
