// Objects in an S3 bucket, below a prefix. Written once by conditional writes (`If-None-Match: *`), so a server must know those. Imports the
// AWS SDK: import this file only when there is such a store.
import { rm } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { receiveFile } from '../content/digest.js';
import { describeLocation, type S3Location } from '../names/store-url.js';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';
import { attempts } from './s3/attempts.js';
import { readWhole, S3Connection, type S3Request } from './s3/connection.js';
import { S3_LIMITS, totalMs, type Deadline, type S3Limits } from './s3/limits.js';
import { listingQuery, parseListing, type ListingPage } from './s3/listing.js';
import { isPassing, isTaken } from './s3/refusal.js';
import { sent } from './s3/sent.js';
import { encryptionHeaders, upload } from './s3/upload.js';

export interface S3Options {
  /** Credentials, region and proxies; what isn't there the SDK looks for in its usual places. */
  environment: Record<string, string | undefined>;
  limits?: Partial<S3Limits>;
  /** Which errors are worth another attempt. Default: those that pass soon. */
  isWorthwhile?: (error: unknown, count: number) => boolean;
}

/** From this size on, a look whether the object is there costs less than sending it for nothing. */
const LOOK_FIRST = 1 << 20;
const LISTING_LIMIT = 16 << 20;

export class S3Backend implements ObjectBackend {
  readonly label: string;
  readonly connection: S3Connection;
  readonly isWorthwhile: (error: unknown, count: number) => boolean;
  readonly limits: S3Limits;

  constructor(
    private readonly location: S3Location,
    { environment, limits = {}, isWorthwhile = isPassing }: S3Options,
  ) {
    this.label = describeLocation(location);
    this.isWorthwhile = isWorthwhile;
    this.limits = { ...S3_LIMITS, ...limits };
    this.connection = new S3Connection(location, this.label, environment, this.limits);
  }

  read(path: string, limit: number, attempt: Attempt = {}): Promise<Uint8Array | undefined> {
    return this.get(path, attempt, async ({ body }) => {
      const bytes = await readWhole(body, limit);
      if (bytes === undefined) throw this.invalid(`${path} has more than the ${limit} bytes that it may have`);
      return bytes;
    });
  }

  download(path: string, file: string, attempt: Attempt = {}): Promise<{ size: number; sha256: string } | undefined> {
    return this.get(path, attempt, async ({ body, headers }, deadline) => {
      deadline.set(totalMs(Number(headers['content-length'] ?? 0), 'download'));
      // What an attempt before this one left.
      await rm(file, { force: true });
      return receiveFile(body, file, deadline.signal);
    });
  }

  async create(path: string, content: ObjectContent, attempt: Attempt = {}): Promise<'created' | 'exists'> {
    const look = async (signal: AbortSignal) => (await this.look({ path, signal, isPatient: true })) !== undefined;
    const isThere =
      content.size >= LOOK_FIRST && (await this.attempts(totalMs(0, 'upload'), attempt, ({ signal }) => look(signal)));
    if (isThere) return 'exists';
    return this.attempts(totalMs(content.size, 'upload'), attempt, async ({ signal }, count) => {
      // The attempt before may have come through without its answer; or the server knew at once, and answered by closing.
      if (count > 1 && (await look(signal).catch(() => false))) return 'exists';
      return this.put(path, content, signal);
    });
  }

  stat(path: string, attempt: Attempt = {}): Promise<ObjectFacts | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, ({ signal }) => this.look({ path, signal }));
  }

  async *list(prefix: string, attempt: Attempt = {}): AsyncIterable<ObjectFacts> {
    const root = this.connection.key('');
    let token: string | undefined;
    do {
      const page = await this.page(listingQuery(this.connection.key(prefix), token), attempt);
      for (const facts of page.objects) yield { ...facts, path: facts.path.slice(root.length) };
      token = page.next;
    } while (token !== undefined);
  }

  /** What is directly below a prefix: objects, and the prefixes of what has objects below. */
  async children(prefix: string, attempt: Attempt = {}): Promise<{ objects: string[]; prefixes: string[] }> {
    const root = this.connection.key('');
    const found = { objects: [] as string[], prefixes: [] as string[] };
    let token: string | undefined;
    do {
      const page = await this.page(listingQuery(this.connection.key(prefix), token, '/'), attempt);
      found.objects.push(...page.objects.map(({ path }) => path.slice(root.length)));
      found.prefixes.push(...page.prefixes.map((path) => path.slice(root.length)));
      token = page.next;
    } while (token !== undefined);
    return found;
  }

  async remove(path: string, attempt: Attempt = {}): Promise<void> {
    await this.attempts(totalMs(0, 'download'), attempt, async ({ signal }) => {
      const answer = await sent(this.connection.send({ method: 'DELETE', path, signal }));
      await answer?.body.dump();
    });
  }

  private get<T>(
    path: string,
    attempt: Attempt,
    take: (answer: Dispatcher.ResponseData, deadline: Deadline) => Promise<T>,
  ): Promise<T | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, async (deadline) => {
      const answer = await sent(this.connection.send({ method: 'GET', path, signal: deadline.signal }));
      return answer && take(answer, deadline);
    });
  }

  private async look(request: Omit<S3Request, 'method'> & { path: string }): Promise<ObjectFacts | undefined> {
    const answer = await sent(this.connection.send({ ...request, method: 'HEAD' }));
    if (answer === undefined) return undefined;
    await answer.body.dump();
    const { 'content-length': size, 'last-modified': modified } = answer.headers;
    return { path: request.path, size: Number(size), modified: new Date(typeof modified === 'string' ? modified : 0) };
  }

  private async put(path: string, content: ObjectContent, signal: AbortSignal): Promise<'created' | 'exists'> {
    try {
      const headers = { 'if-none-match': '*', ...encryptionHeaders(this.location) };
      await upload(this.connection, { path, content, headers, signal });
      return 'created';
    } catch (error) {
      if (isTaken(error)) return 'exists';
      throw error;
    }
  }

  private page(query: Record<string, string>, attempt: Attempt): Promise<ListingPage> {
    return this.attempts(totalMs(LISTING_LIMIT, 'download'), attempt, async ({ signal }) => {
      const { body } = await this.connection.send({ method: 'GET', query, signal });
      const page = parseListing((await readWhole(body, LISTING_LIMIT))?.toString() ?? '');
      if (page === undefined) throw this.invalid('its listing is not one');
      return page;
    });
  }

  private invalid(message: string): StoreError {
    return new StoreError('STORE_ANSWER_INVALID', this.label, message);
  }

  private attempts<T>(
    milliseconds: number,
    attempt: Attempt,
    work: (deadline: Deadline, count: number) => Promise<T>,
  ): Promise<T> {
    return attempts(this, milliseconds, attempt, work);
  }
}
