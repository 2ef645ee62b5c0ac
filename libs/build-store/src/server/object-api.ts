// Implements the native API of the standalone server (docs/store-server.md, "The API"), whose client is HttpBackend: write-once objects by path.
// Scope and path alone determine what a caller may read and write.
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { removeFile } from '../content/remove-file.js';
import type { Attempt, ObjectBackend, ObjectFacts } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { formatObjectLine } from '../backends/http-backend-list.js';
import { OBJECTS, parseContentDigest } from '../backends/http-backend-protocol.js';
import { StoreError } from '../store-error.js';
import { isObjectPrefix, parseServedPath, type ServedPath } from './served-path.js';
import { ReceivedBody } from './received-body.js';
import { refusal, type Reply } from './reply.js';
import { mayRead, mayRemove, mayWrite, ownNamespace, type Scope } from './scope.js';

export interface ObjectApiOptions {
  backend: ObjectBackend;
  /** An existing folder for temporary files. */
  spool: string;
  /** Maximum size of an object, in bytes. */
  sizeLimit: number;
  /** Called for each failure of the backend, with details that the client does not get. */
  onFault: (code: string, message: string) => void;
}

export interface ObjectRequest {
  request: IncomingMessage;
  /** Its path is OBJECTS or below it. */
  url: URL;
  /** Scope of the caller. */
  scope: Scope;
  attempt: Attempt;
  /** Called before a body is read: a client may wait to be asked for it ("100 Continue"). */
  takeBody: () => void;
}

const EXISTS = refusal(412, 'exists', 'the object exists, and is not replaced');

export class ObjectApi {
  constructor(private readonly options: ObjectApiOptions) {}

  async answer({ request, url, scope, attempt, takeBody }: ObjectRequest): Promise<Reply> {
    try {
      if (url.pathname === OBJECTS) return this.list(request, url.searchParams.get('prefix') ?? '', scope, attempt);
      const place = parseServedPath(url.pathname.slice(OBJECTS.length + 1));
      if (place === undefined) return refusal(400, 'path', "not the path of an object in this store's layout");
      switch (request.method) {
        case 'GET':
          return mayRead(scope, place.path) ? await this.read(place, attempt) : forbidden(scope);
        case 'HEAD':
          return mayRead(scope, place.path) ? await this.stat(place, attempt) : forbidden(scope);
        case 'PUT': {
          const refused = await this.refuse(request, place, scope, attempt);
          if (refused !== undefined) return refused;
          takeBody();
          return await this.write(request, place, attempt);
        }
        case 'DELETE':
          return mayRemove(scope) ? await this.remove(place, attempt) : forbidden(scope);
        default:
          return refusal(405, 'method', 'expected GET, HEAD, PUT or DELETE', { Allow: 'GET, HEAD, PUT, DELETE' });
      }
    } catch (error) {
      return this.replyToFault(error, request);
    }
  }

  /** Checks that do not need the body. */
  private async refuse(
    request: IncomingMessage,
    place: ServedPath,
    scope: Scope,
    attempt: Attempt,
  ): Promise<Reply | undefined> {
    const { backend, sizeLimit } = this.options;
    const size = Number(request.headers['content-length']);
    const digest = parseContentDigest(request.headers['content-digest']);
    if (!mayWrite(scope, place.path)) return forbidden(scope);
    if (!Number.isSafeInteger(size)) return refusal(411, 'length', 'expected a Content-Length');
    if (size > sizeLimit) return refusal(413, 'size', `${size} bytes, expected at most ${sizeLimit}`);
    if (request.headers['if-none-match'] !== '*') {
      return refusal(428, 'condition', 'expected If-None-Match: *, as nothing is overwritten');
    }
    if (digest === undefined || (place.sha256 ?? digest) !== digest) {
      return refusal(400, 'digest', 'expected a Content-Digest with sha-256, and for content that of its path');
    }
    return (await backend.stat(place.path, attempt)) === undefined ? undefined : EXISTS;
  }

  private async read({ path }: ServedPath, attempt: Attempt): Promise<Reply> {
    const { backend } = this.options;
    const found = backend instanceof FolderBackend ? await openObject(backend, path) : await this.fetch(path, attempt);
    if (found === undefined) return refusal(404, 'absent', 'no such object');
    return { status: 200, headers: headersOf(found.size), body: found.body };
  }

  /** Downloads into a file first, so that an error of the backend becomes a status and not a truncated body. */
  private async fetch(path: string, attempt: Attempt): Promise<{ size: number; body: Readable } | undefined> {
    const file = join(this.options.spool, `${randomUUID()}.tmp`);
    try {
      const found = await this.options.backend.download(path, file, attempt);
      return found === undefined ? undefined : { size: found.size, body: await openAndRemove(file) };
    } finally {
      await removeFile(file);
    }
  }

  private async stat({ path }: ServedPath, attempt: Attempt): Promise<Reply> {
    const facts = await this.options.backend.stat(path, attempt);
    if (facts === undefined) return refusal(404, 'absent', 'no such object');
    return { status: 200, headers: { ...headersOf(facts.size), 'Last-Modified': facts.modified.toUTCString() } };
  }

  private async write(request: IncomingMessage, { path }: ServedPath, attempt: Attempt): Promise<Reply> {
    const size = Number(request.headers['content-length']);
    const body = new ReceivedBody(request, size, parseContentDigest(request.headers['content-digest']) ?? '');
    const outcome = await this.options.backend.create(path, body, attempt).catch((error: unknown) => {
      if (body.isBroken) return 'broken' as const;
      throw error;
    });
    if (outcome === 'created') return { status: 201 };
    if (outcome === 'exists') return EXISTS;
    return refusal(400, 'digest', 'the body does not match its Content-Digest');
  }

  private async remove({ path }: ServedPath, attempt: Attempt): Promise<Reply> {
    await this.options.backend.remove(path, attempt);
    return { status: 204 };
  }

  private list(request: IncomingMessage, prefix: string, scope: Scope, attempt: Attempt): Reply {
    if (request.method !== 'GET') return refusal(405, 'method', 'expected GET', { Allow: 'GET' });
    if (!isObjectPrefix(prefix)) return refusal(400, 'path', 'a prefix is empty, or whole segments that end with "/"');
    if (!mayRead(scope, prefix)) return forbidden(scope);
    const lines = Readable.from(linesOf(this.options.backend.list(prefix, attempt)), { objectMode: false });
    lines.on('error', (error) => {
      if (error instanceof StoreError) this.options.onFault(error.code, error.message);
    });
    return { status: 200, headers: { 'Content-Type': 'application/x-ndjson' }, body: lines };
  }

  private replyToFault(error: unknown, request: IncomingMessage): Reply {
    if (!(error instanceof StoreError)) throw error;
    this.options.onFault(error.code, error.message);
    // If the server itself lacks permissions, only writes are refused as forbidden.
    const isReadOnly = error.code === 'STORE_FORBIDDEN' && request.method === 'PUT';
    if (isReadOnly) return refusal(403, 'forbidden', 'the server may not write to its own store');
    return error.code === 'STORE_UNREACHABLE' || error.code === 'STORE_LOCAL_FAILED'
      ? refusal(503, 'backend', 'the store behind the server did not answer')
      : refusal(502, 'backend', 'the response of the store behind the server is invalid');
  }
}

/** Streams an object of a folder. Objects in a folder are complete, and the caller verifies the digest. */
async function openObject(backend: FolderBackend, path: string): Promise<{ size: number; body: Readable } | undefined> {
  const handle = await backend.open(path);
  if (handle === undefined) return undefined;
  await backend.touch(path);
  const { size } = await handle.stat();
  return { size, body: handle.createReadStream({ highWaterMark: 1 << 18 }) };
}

/** Unlinks the open file, so that it is gone as soon as it was read or the reading was aborted. */
async function openAndRemove(file: string): Promise<Readable> {
  const handle = await open(file);
  await removeFile(file);
  return handle.createReadStream({ highWaterMark: 1 << 18 });
}

async function* linesOf(objects: AsyncIterable<ObjectFacts>): AsyncGenerator<string> {
  for await (const facts of objects) yield formatObjectLine(facts);
}

function headersOf(size: number) {
  return { 'Content-Type': 'application/octet-stream', 'Content-Length': size };
}

function forbidden(scope: Scope): Reply {
  const own = ownNamespace(scope);
  const may =
    scope.kind === 'maintain' || own === 'main'
      ? 'read and write main'
      : own === undefined
        ? 'read main'
        : `read main, and read and write ${own}`;
  return refusal(403, 'forbidden', `this token may ${may}`);
}
