// Asks the configured indexes for a project's files and downloads them, checked against the lock's size and sha256 while they arrive.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici';
import { distError, type DistError } from '../dist-error.js';
import type { WheelFile } from '../lock/pylock.js';
import type { IndexConfiguration } from './configuration.js';
import { parseHtmlPage, parseJsonPage, type IndexFile } from './simple-page.js';

const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';
const HEADERS_TIMEOUT_MS = 30_000;
/** Between two pieces of a body: a slow link is fine, a silent one is not. */
const BODY_TIMEOUT_MS = 60_000;

/** Called with the number of bytes that have just arrived. */
export type OnBytes = (count: number) => void;

export class IndexClient {
  private readonly pages = new Map<string, Promise<IndexFile[]>>();
  private dispatcher: Promise<Dispatcher> | undefined;

  constructor(private readonly configuration: IndexConfiguration) {}

  /**
   * The files of a project, from the first index that has it.
   *
   * @param project - PEP 503 name
   * @returns no files where no index has the project
   * @throws DistError `INDEX_UNREACHABLE` when an index can't be asked
   */
  files(project: string): Promise<IndexFile[]> {
    const known = this.pages.get(project) ?? this.readFiles(project);
    this.pages.set(project, known);
    return known;
  }

  private async readFiles(project: string): Promise<IndexFile[]> {
    for (const index of this.configuration.urls) {
      const url = `${index}/${project}/`;
      const { statusCode, headers, body } = await this.get(url, { accept: ACCEPT });
      const text = await body.text();
      if (statusCode === 404 || statusCode === 410) continue;
      if (statusCode !== 200) throw unreachable(url, `answered ${statusCode}`);
      const isJson = String(headers['content-type']).includes('json');
      return isJson ? parseJsonPage(text, url) : parseHtmlPage(text, url);
    }
    return [];
  }

  /**
   * The METADATA of a wheel: by itself where the index offers it (PEP 658).
   *
   * @returns undefined where only the wheel itself has it
   * @throws DistError `INDEX_METADATA_DIFFERS` when it isn't what the index's page announced
   */
  async metadata(file: IndexFile): Promise<string | undefined> {
    if (file.metadata === undefined) return undefined;
    const { statusCode, body } = await this.get(`${file.url}.metadata`, {});
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode !== 200) return undefined;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (file.metadata.sha256 !== undefined && file.metadata.sha256 !== found) {
      throw distError(file.name, 'INDEX_METADATA_DIFFERS', [
        'its metadata file is not what the index announced',
        `announced sha256=${file.metadata.sha256}, found sha256=${found}`,
        'The index or a proxy before it is damaged. Try again, or ask who runs it.',
      ]);
    }
    return bytes.toString('utf8');
  }

  /**
   * Downloads a locked wheel to a path that doesn't exist yet.
   *
   * @throws DistError `INDEX_FILE_MISSING`, `INDEX_UNREACHABLE`, `INDEX_DIGEST_DIFFERS`
   */
  async download(project: string, wheel: WheelFile, path: string, onBytes: OnBytes = () => undefined): Promise<void> {
    const file = await this.findWheel(project, wheel);
    const { statusCode, body } = await this.get(file.url, {});
    if (statusCode !== 200) {
      await body.dump();
      throw unreachable(file.url, `answered ${statusCode}`);
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
      if (isSystemFault(cause)) throw cause;
      throw unreachable(file.url, 'the download broke off', cause);
    });
    const found = hash.digest('hex');
    if (size !== wheel.size || found !== wheel.sha256) throw digestDiffers(wheel, size, found);
  }

  /** Size and sha256 of a file whose index tells neither: by reading it whole. Only for a lock in the making: it trusts what it finds. */
  async measure(project: string, name: string): Promise<{ size: number; sha256: string }> {
    const file = (await this.files(project)).find((candidate) => candidate.name === name);
    const { statusCode, body } = await this.get(file?.url ?? '', {});
    if (statusCode !== 200) throw unreachable(file?.url ?? '', `answered ${statusCode}`);
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      hash.update(piece);
      size += piece.length;
    }
    return { size, sha256: hash.digest('hex') };
  }

  private async findWheel(project: string, wheel: WheelFile): Promise<IndexFile> {
    const files = await this.files(project);
    const file = files.find(({ name }) => name === wheel.name);
    if (file === undefined) {
      const where = this.configuration.urls.map(redact).join(', ');
      throw distError(wheel.name, 'INDEX_FILE_MISSING', [
        "the index doesn't have it",
        `asked ${where}, found ${files.length} files of ${project}`,
        'Configure an index that has it (PIP_INDEX_URL, pip.conf or uv.toml), or pin another version and lock again.',
      ]);
    }
    if (file.sha256 !== undefined && file.sha256 !== wheel.sha256)
      throw digestDiffers(wheel, file.size ?? wheel.size, file.sha256);
    return file;
  }

  private async get(url: string, headers: Record<string, string>): Promise<Dispatcher.ResponseData> {
    this.dispatcher ??= createDispatcher(this.configuration);
    const { target, authorization } = splitCredentials(url);
    try {
      return await request(target, {
        dispatcher: await this.dispatcher,
        headers: { ...headers, ...authorization, 'user-agent': 'pinpack' },
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: BODY_TIMEOUT_MS,
      });
    } catch (cause) {
      throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }
}

/** Proxies by the environment, redirects, retries of what may pass, and pip's certificate authorities. */
async function createDispatcher({ certificates }: IndexConfiguration): Promise<Dispatcher> {
  const connect = certificates === undefined ? {} : { ca: await readFile(certificates, 'utf8') };
  return new EnvHttpProxyAgent({ connect, requestTls: connect }).compose(
    interceptors.redirect({ maxRedirections: 5 }),
    interceptors.retry({ maxRetries: 3, minTimeout: 500, maxTimeout: 5_000 }),
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

/** A URL as it may be shown: without credentials and query. */
export function redact(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  return shown.href;
}

function isSystemFault(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && 'path' in cause;
}

function unreachable(url: string, found: string, cause?: unknown): DistError {
  const shown = redact(url);
  const next =
    'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
  return distError(shown, 'INDEX_UNREACHABLE', [found, next], { cause });
}

function digestDiffers(wheel: WheelFile, size: number, sha256: string): DistError {
  return distError(wheel.name, 'INDEX_DIGEST_DIFFERS', [
    "the index's file is not the one that was locked",
    `locked ${wheel.size} bytes, sha256=${wheel.sha256}`,
    `found ${size > wheel.size ? 'more' : size} bytes, sha256=${sha256}`,
    'The file was replaced on the index, or a proxy altered it. Find out which before you lock again.',
  ]);
}
