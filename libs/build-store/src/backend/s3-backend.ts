// Objects in an S3 bucket, below a prefix. Written once by conditional writes (`If-None-Match: *`), so a server must know those. Imports the
// AWS SDK: import this file only when there is such a store.
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { localFailed, receiveFile } from '../digest.js';
import { describeLocation, type S3Location } from '../location.js';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';
import { readWhole, S3Connection, type S3Request } from './s3/connection.js';
import { Deadline, S3_LIMITS, totalMs, type S3Limits } from './s3/limits.js';
import { listingQuery, parseListing, type ListingPage } from './s3/listing.js';
import { isMissing, isPassing, isTaken, storeErrorOf } from './s3/refusal.js';

export interface S3Options {
  /** Credentials, region and proxies; what isn't there the SDK looks for in its usual places. */
  environment: Record<string, string | undefined>;
  limits?: Partial<S3Limits>;
}

/** From this size on, a look whether the object is there costs less than sending it for nothing. */
const LOOK_FIRST = 1 << 20;
const LISTING_LIMIT = 16 << 20;
const RETRY_MS = 100;

export class S3Backend implements ObjectBackend {
  readonly label: string;
  private readonly connection: S3Connection;
  private readonly limits: S3Limits;

  constructor(
    private readonly location: S3Location,
    { environment, limits = {} }: S3Options,
  ) {
    this.label = describeLocation(location);
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
    const source = new Source(content.open());
    try {
      const headers = uploadHeaders(content, this.location);
      const answer = await this.connection.send({ method: 'PUT', path, headers, body: source, signal });
      await answer.body.dump();
      return 'created';
    } catch (error) {
      if (isTaken(error)) return 'exists';
      throw source.fault === undefined ? error : localFailed(path, source.fault);
    } finally {
      source.stream.destroy();
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

  /** Does it again when what went wrong may pass, each time within the limit. @throws StoreError */
  private async attempts<T>(
    milliseconds: number,
    { signal: asker }: Attempt,
    work: (deadline: Deadline, count: number) => Promise<T>,
  ): Promise<T> {
    for (let count = 1; ; count++) {
      const deadline = new Deadline(milliseconds, asker);
      try {
        return await work(deadline, count);
      } catch (caught) {
        // Whatever the end of time broke first, it is the reason.
        const error: unknown = deadline.signal.aborted ? deadline.signal.reason : caught;
        if (count === this.limits.attempts || !isPassing(error)) throw storeErrorOf(this.label, error);
      } finally {
        deadline.end();
      }
      await wait(RETRY_MS * 4 ** (count - 1) * (0.5 + Math.random() / 2));
    }
  }
}

/** Tells a fault of what is sent from a fault of sending: both would end the stream with an error. */
class Source implements AsyncIterable<Uint8Array> {
  fault: unknown;

  constructor(readonly stream: Readable) {
    // It may fail before it is asked for anything, and tells so again when it is.
    stream.on('error', () => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let isReading = true;
    try {
      for await (const chunk of this.stream as AsyncIterable<Uint8Array>) {
        isReading = false;
        yield chunk;
        isReading = true;
      }
    } catch (error) {
      if (isReading) this.fault = error;
      throw error;
    }
  }
}

async function sent(answer: Promise<Dispatcher.ResponseData>): Promise<Dispatcher.ResponseData | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The digest is what is signed, so the server refuses any other content; and S3 keeps it with the object. */
function uploadHeaders({ size, sha256 }: ObjectContent, { sse, kmsKeyId }: S3Location): Record<string, string> {
  return {
    'content-length': `${size}`,
    'if-none-match': '*',
    'x-amz-content-sha256': sha256,
    'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    ...(sse === undefined ? {} : { 'x-amz-server-side-encryption': sse }),
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
  };
}
