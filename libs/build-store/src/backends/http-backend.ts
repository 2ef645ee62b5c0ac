// Stores objects on a standalone pinpack-store server (docs/store-server.md, "The API"). Its time limits apply to one request: connecting, waiting for
// the response, and stalled bodies. The caller limits whole transfers through its attempt.
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { localFailed, receiveFile, type Digested } from '../content/digest.js';
import type { HttpLocation } from '../names/store-url.js';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend.js';
import { formatContentDigest, OBJECTS, SERVER_HEADER, SERVER_VERSION } from './http-backend-protocol.js';
import { errorOfAnswer, unreachable } from './http-backend-errors.js';
import { parseObjectLines } from './http-backend-list.js';

const CONNECT_MS = 3000;
/** The server may fetch from S3 first. */
const ANSWER_MS = 30_000;
const STALL_MS = 10_000;
/** Before a body of this size is sent, the client asks whether the object exists. */
const WORTH_ASKING_BYTES = 1 << 20;
const MOST_QUESTIONS = 3;
const LONGEST_PAUSE_MS = 2000;

type Answer = Dispatcher.ResponseData;

interface Question {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Path of an object, or a query. */
  target: string;
  /** Any other status is thrown as an error. */
  expected: readonly number[];
  headers?: Record<string, string>;
  body?: () => AsyncIterable<Uint8Array>;
}

export class HttpBackend implements ObjectBackend {
  readonly label: string;
  private readonly agent = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_MS },
    requestTls: { timeout: CONNECT_MS },
    headersTimeout: ANSWER_MS,
    bodyTimeout: STALL_MS,
  });

  /** @param token - of the server's configuration, or of a CI system; undefined is refused by the server */
  constructor(
    location: HttpLocation,
    private readonly token: string | undefined,
  ) {
    this.label = location.url;
  }

  async read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined> {
    return this.reach(path, async () => {
      const answer = await this.askFor(path, attempt);
      if (answer === undefined) return undefined;
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        size += piece.length;
        // Leaving the loop destroys the body.
        if (size > limit) throw this.invalid(path, `it has more than ${limit} bytes`);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    });
  }

  async download(path: string, file: string, attempt?: Attempt): Promise<Digested | undefined> {
    return this.reach(path, async () => {
      const answer = await this.askFor(path, attempt);
      return answer === undefined ? undefined : receiveFile(answer.body, file, attempt?.signal);
    });
  }

  async create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'> {
    if (content.size >= WORTH_ASKING_BYTES && (await this.stat(path, attempt)) !== undefined) return 'exists';
    const source: { failure?: unknown } = {};
    const headers = {
      'Content-Length': String(content.size),
      'Content-Digest': formatContentDigest(content.sha256),
      'Content-Type': 'application/octet-stream',
      'If-None-Match': '*',
    };
    return this.reach(path, async () => {
      const body = () => watch(content.open(), source);
      const question = { method: 'PUT', target: `/${path}`, expected: [201, 412], headers, body } as const;
      const answer = await this.ask(question, attempt).catch((error: unknown) => {
        throw 'failure' in source ? localFailed(path, source.failure) : error;
      });
      await answer.body.dump();
      return answer.statusCode === 201 ? 'created' : 'exists';
    });
  }

  async stat(path: string, attempt?: Attempt): Promise<ObjectFacts | undefined> {
    return this.reach(path, async () => {
      const answer = await this.ask({ method: 'HEAD', target: `/${path}`, expected: [200, 404] }, attempt);
      await answer.body.dump();
      if (answer.statusCode === 404) return undefined;
      const size = Number(answer.headers['content-length']);
      const modified = new Date(String(answer.headers['last-modified']));
      if (Number.isSafeInteger(size) && !Number.isNaN(modified.getTime())) return { path, size, modified };
      throw this.invalid(path, 'it has no valid Content-Length or Last-Modified');
    });
  }

  async *list(prefix: string, attempt?: Attempt): AsyncIterable<ObjectFacts> {
    const target = `?prefix=${encodeURIComponent(prefix)}`;
    try {
      const answer = await this.ask({ method: 'GET', target, expected: [200] }, attempt);
      yield* parseObjectLines(answer.body, `${this.label}/${prefix}`);
    } catch (error) {
      throw unreachable(`${this.label}/${prefix}`, error);
    }
  }

  async remove(path: string, attempt?: Attempt): Promise<void> {
    await this.reach(path, async () => {
      const answer = await this.ask({ method: 'DELETE', target: `/${path}`, expected: [204] }, attempt);
      await answer.body.dump();
    });
  }

  private async askFor(path: string, attempt: Attempt | undefined): Promise<Answer | undefined> {
    const answer = await this.ask({ method: 'GET', target: `/${path}`, expected: [200, 404] }, attempt);
    if (answer.statusCode === 200) return answer;
    await answer.body.dump();
    return undefined;
  }

  /** Repeats a request that the server refused as busy: it did not process any part of it. */
  private async ask(question: Question, attempt: Attempt | undefined): Promise<Answer> {
    for (let asked = 1; ; asked += 1) {
      const answer = await this.askOnce(question, attempt);
      const isOurs = answer.headers[SERVER_HEADER] === SERVER_VERSION;
      if (isOurs && question.expected.includes(answer.statusCode)) return answer;
      const pause = Number(answer.headers['retry-after'] ?? NaN) * 1000;
      if (asked === MOST_QUESTIONS || ![429, 503].includes(answer.statusCode) || !(pause <= LONGEST_PAUSE_MS)) {
        throw await errorOfAnswer(`${this.label}${question.target}`, answer, isOurs);
      }
      await answer.body.dump();
      await setTimeout(pause, undefined, { signal: attempt?.signal });
    }
  }

  private askOnce({ method, target, headers, body }: Question, attempt: Attempt | undefined): Promise<Answer> {
    return request(`${this.label}${OBJECTS}${target}`, {
      method,
      dispatcher: this.agent,
      headers: { ...headers, ...(this.token !== undefined && { Authorization: `Bearer ${this.token}` }) },
      ...(body !== undefined && { body: Readable.from(body(), { objectMode: false }) }),
      signal: attempt?.signal ?? null,
    });
  }

  private async reach<T>(path: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw unreachable(`${this.label}/${path}`, error);
    }
  }

  private invalid(path: string, found: string): StoreError {
    return new StoreError(
      'STORE_ANSWER_INVALID',
      `${this.label}/${path}`,
      `the server's response is invalid: ${found}`,
    );
  }
}

/** Records an error of the source itself, as opposed to an aborted read. */
async function* watch(source: Readable, told: { failure?: unknown }): AsyncGenerator<Uint8Array> {
  let isReading = true;
  try {
    for await (const piece of source as AsyncIterable<Uint8Array>) {
      isReading = false;
      yield piece;
      isReading = true;
    }
  } catch (error) {
    if (isReading) told.failure = error;
    throw error;
  }
}
