// Stores objects in an S3 bucket, below a prefix. Each is written once by a conditional write (`If-None-Match: *`), which the server must
// support. This file imports the AWS SDK, so import it only where the store is on S3.
import { rm } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { receiveFile } from '../content/digest.js';
import { describeLocation, type S3Location } from '../names/store-url.js';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';
import { attempts } from './s3/attempts.js';
import { readWhole, S3Connection, type ObjectRequest } from './s3/connection.js';
import { S3_LIMITS, totalMs, type Deadline, type S3Limits } from './s3/limits.js';
import { LISTING_BYTES, readListingPage, type ListingPage, type ListingRequest } from './s3/listing.js';
import { headerOf, isPreconditionFailed, isTransient } from './s3/response-error.js';
import { undefinedIfMissing } from './s3/undefined-if-missing.js';
import { encryptionHeaders, upload } from './s3/upload.js';

export interface S3Options {
  /** Credentials, region and proxies. The SDK looks up what is missing in its usual places. */
  environment: Record<string, string | undefined>;
  limits?: Partial<S3Limits>;
  /** Decides which errors are worth another attempt. Default: transient ones. */
  isWorthwhile?: (error: unknown, count: number) => boolean;
}

/** From this size on, asking whether the object exists costs less than uploading it in vain. */
const LOOK_FIRST = 1 << 20;

export class S3Backend implements ObjectBackend {
  readonly label: string;
  readonly connection: S3Connection;
  readonly isWorthwhile: (error: unknown, count: number) => boolean;
  readonly limits: S3Limits;

  constructor(
    private readonly location: S3Location,
    { environment, limits = {}, isWorthwhile = isTransient }: S3Options,
  ) {
    this.label = describeLocation(location);
    this.isWorthwhile = isWorthwhile;
    this.limits = { ...S3_LIMITS, ...limits };
    this.connection = new S3Connection(location, this.label, environment, this.limits);
  }

  read(path: string, limit: number, attempt: Attempt = {}): Promise<Uint8Array | undefined> {
    return this.get(path, attempt, async ({ body }) => {
      const bytes = await readWhole(body, limit);
      if (bytes === undefined) throw this.invalid(`${path} is larger than the limit of ${limit} bytes`);
      return bytes;
    });
  }

  download(path: string, file: string, attempt: Attempt = {}): Promise<{ size: number; sha256: string } | undefined> {
    return this.get(path, attempt, async ({ body, headers }, deadline) => {
      deadline.set(totalMs(Number(headers['content-length'] ?? 0), 'download'));
      // An earlier attempt may have left part of it.
      await rm(file, { force: true });
      return receiveFile(body, file, deadline.signal);
    });
  }

  async create(path: string, content: ObjectContent, attempt: Attempt = {}): Promise<'created' | 'exists'> {
    const look = async (signal: AbortSignal) =>
      (await this.look({ path, signal, allowSlowAnswer: true })) !== undefined;
    const exists =
      (content.size >= LOOK_FIRST || content.isProbablyThere === true) &&
      (await this.attempts(totalMs(0, 'upload'), attempt, ({ signal }) => look(signal)));
    if (exists) return 'exists';
    return this.attempts(totalMs(content.size, 'upload'), attempt, async ({ signal }, count) => {
      // The previous attempt may have succeeded and lost its response, or the server closed the connection since the object exists.
      if (count > 1 && (await look(signal).catch(() => false))) return 'exists';
      return this.put(path, content, signal);
    });
  }

  stat(path: string, attempt: Attempt = {}): Promise<ObjectFacts | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, ({ signal }) => this.look({ path, signal }));
  }

  async *list(prefix: string, attempt: Attempt = {}): AsyncIterable<ObjectFacts> {
    const root = this.connection.key('');
    for await (const page of this.pages({ prefix: this.connection.key(prefix) }, attempt)) {
      for (const facts of page.objects) yield { ...facts, path: facts.path.slice(root.length) };
    }
  }

  /** Lists the objects directly below a prefix, and the prefixes of those that are deeper. */
  async children(prefix: string, attempt: Attempt = {}): Promise<{ objects: string[]; prefixes: string[] }> {
    const root = this.connection.key('');
    const found = { objects: [] as string[], prefixes: [] as string[] };
    for await (const page of this.pages({ prefix: this.connection.key(prefix), delimiter: '/' }, attempt)) {
      found.objects.push(...page.objects.map(({ path }) => path.slice(root.length)));
      found.prefixes.push(...page.prefixes.map((path) => path.slice(root.length)));
    }
    return found;
  }

  async remove(path: string, attempt: Attempt = {}): Promise<void> {
    await this.attempts(totalMs(0, 'download'), attempt, async ({ signal }) => {
      const response = await undefinedIfMissing(this.connection.send({ method: 'DELETE', path, signal }));
      await response?.body.dump();
    });
  }

  private get<T>(
    path: string,
    attempt: Attempt,
    take: (response: Dispatcher.ResponseData, deadline: Deadline) => Promise<T>,
  ): Promise<T | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, async (deadline) => {
      const request = { method: 'GET', path, signal: deadline.signal } as const;
      const response = await undefinedIfMissing(this.connection.send(request));
      return response && take(response, deadline);
    });
  }

  private async look(request: Omit<ObjectRequest, 'method'> & { path: string }): Promise<ObjectFacts | undefined> {
    const response = await undefinedIfMissing(this.connection.send({ ...request, method: 'HEAD' }));
    if (response === undefined) return undefined;
    await response.body.dump();
    const size = Number(headerOf(response.headers, 'content-length'));
    return { path: request.path, size, modified: new Date(headerOf(response.headers, 'last-modified') ?? 0) };
  }

  private async put(path: string, content: ObjectContent, signal: AbortSignal): Promise<'created' | 'exists'> {
    try {
      const headers = { 'if-none-match': '*', ...encryptionHeaders(this.location) };
      await upload(this.connection, { path, content, headers, signal });
      return 'created';
    } catch (error) {
      if (isPreconditionFailed(error)) return 'exists';
      throw error;
    }
  }

  private async *pages(
    request: Omit<ListingRequest, 'token' | 'signal'>,
    attempt: Attempt,
  ): AsyncGenerator<ListingPage> {
    let token: string | undefined;
    do {
      const page = await this.attempts(totalMs(LISTING_BYTES, 'download'), attempt, ({ signal }) =>
        readListingPage(this.connection, { ...request, token, signal }),
      );
      if (page === undefined) throw this.invalid('the response is not a listing of a bucket');
      yield page;
      token = page.next;
    } while (token !== undefined);
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
