// A publication in an S3 bucket. What a release consists of is written once (`If-None-Match: *`), pointers by `If-Match`; copies are the server's own.
// Imports the AWS SDK: import this file only when there is such a place.
import {
  attempts,
  checksumOf,
  encryptionHeaders,
  isDamaged,
  isMissing,
  isTaken,
  readWhole,
  S3Backend,
  S3Refusal,
  sent,
  storeErrorOf,
  totalMs,
  upload,
  type Attempt,
  type Deadline,
  type S3Limits,
} from '@pinpack/build-store/object-storage';
import { StoreError, type S3Location } from '@pinpack/build-store';
import { inParallel } from './in-parallel.js';
import type { Lifetime, PlacedDigest, PlacedObject, PublicationPlace, PublishedFile } from './publication-target.js';
import { SlashKeys } from './slash-keys.js';

export interface S3PlaceOptions {
  /** Credentials, region and proxies; what isn't there the SDK looks for in its usual places. */
  environment: Record<string, string | undefined>;
  limits?: Partial<S3Limits>;
}

/** Somebody waits for a publication, and nothing else can do instead: it tries longer than a store does. */
const ATTEMPTS = 6;
const DAMAGES = 3;
/** S3 copies in its own time, which grows with the size. */
const COPY_PATIENCE_MS = 300_000;
const ANSWER_LIMIT = 64 * 1024;
const CACHE_CONTROL: Record<Lifetime, string> = {
  immutable: 'public, max-age=31536000, immutable',
  changing: 'no-cache',
};

export class S3Place implements PublicationPlace {
  readonly label: string;
  readonly atOnce = 16;
  private readonly backend: S3Backend;
  private readonly slashKeys = new SlashKeys(this);

  constructor(
    private readonly location: S3Location,
    { environment, limits = {} }: S3PlaceOptions,
  ) {
    const all = { attempts: ATTEMPTS, ...limits };
    this.backend = new S3Backend(location, {
      environment,
      limits: all,
      isWorthwhile,
    });
    this.label = this.backend.label;
  }

  read(path: string, limit: number, attempt: Attempt = {}): Promise<PlacedObject | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, async ({ signal }) => {
      const answer = await sent(this.backend.connection.send({ method: 'GET', path, signal }));
      if (answer === undefined) return undefined;
      const bytes = await readWhole(answer.body, limit);
      if (bytes === undefined) throw this.invalid(`${path} has more than the ${limit} bytes that it may have`);
      return { bytes, version: headerOf(answer.headers, 'etag') ?? '' };
    });
  }

  download(path: string, file: string, attempt: Attempt = {}): Promise<{ size: number; sha256: string } | undefined> {
    return this.backend.download(path, file, attempt);
  }

  async isThere(path: string): Promise<boolean> {
    return (await this.backend.stat(path)) !== undefined;
  }

  digest(path: string): Promise<PlacedDigest | undefined> {
    return this.attempts(totalMs(0, 'download'), {}, async ({ signal }) => this.look(path, signal));
  }

  async create(path: string, file: PublishedFile): Promise<'created' | 'exists'> {
    return (await this.put(path, file, 'immutable', { 'if-none-match': '*' })) ? 'created' : 'exists';
  }

  async replace(path: string, file: PublishedFile, expected: { version: string } | 'absent' | 'any'): Promise<boolean> {
    if (expected === 'any') return this.put(path, file, 'changing', {});
    const condition = expected === 'absent' ? { 'if-none-match': '*' } : { 'if-match': expected.version };
    if (await this.put(path, file, 'changing', condition)) return true;
    // An attempt whose answer was lost may have come through: then what is there is this file.
    const { sha256 } = (await this.digest(path)) ?? {};
    return sha256 === file.sha256;
  }

  copy(from: string, path: string, file: PublishedFile): Promise<boolean> {
    return this.attempts(COPY_PATIENCE_MS, {}, async ({ signal }) => {
      const source = await this.look(from, signal);
      if (source?.sha256 !== file.sha256 || source.size !== file.size) return false;
      const from_ = `/${this.location.bucket}/${this.backend.connection.key(from)}`;
      const headers = {
        'x-amz-copy-source': from_.split('/').map(encodeURIComponent).join('/'),
        'x-amz-copy-source-if-match': source.version,
        ...encryptionHeaders(this.location),
      };
      try {
        await this.sendCopy(path, headers, signal);
      } catch (error) {
        if (isMissing(error) || isTaken(error)) return false;
        throw error;
      }
      const made = await this.look(path, signal);
      return made?.sha256 === file.sha256 && made.size === file.size;
    });
  }

  async names(prefix: string): Promise<string[]> {
    const { objects, prefixes } = await this.backend.children(prefix);
    const paths = [...objects, ...prefixes];
    return [...new Set(paths.map((path) => path.slice(prefix.length).replace(/\/$/, '')))].filter(
      (name) => name !== '',
    );
  }

  async sizes(prefix: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { path, size } of this.backend.list(prefix)) found.set(path, size);
    return found;
  }

  remove(path: string): Promise<void> {
    return this.backend.remove(path);
  }

  async removeAll(prefix: string): Promise<void> {
    const paths = [...(await this.sizes(prefix)).keys()];
    await inParallel(paths, this.atOnce, (path) => this.remove(path));
    // Some servers that aren't Amazon's keep folders, and list them though nothing is in them.
    const above = prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
    if (!(await this.names(above)).includes(prefix.slice(above.length, -1))) return;
    for (const folder of foldersOf(prefix, paths)) await this.remove(folder);
  }

  /** S3 shows nothing of an upload that broke off, and keeps nothing of it. */
  clean(): Promise<void> {
    return Promise.resolve();
  }

  indexTwin(path: string): Promise<string | undefined> {
    return this.slashKeys.twinOf(path);
  }

  /** @returns false where the condition doesn't hold */
  private async put(
    path: string,
    file: PublishedFile,
    lifetime: Lifetime,
    condition: Record<string, string>,
  ): Promise<boolean> {
    const headers = {
      'content-type': file.contentType,
      'cache-control': CACHE_CONTROL[lifetime],
      'x-amz-meta-sha256': file.sha256,
      ...encryptionHeaders(this.location),
      ...condition,
    };
    return this.attempts(totalMs(file.size, 'upload'), {}, async ({ signal }) => {
      try {
        const answer = await upload(this.backend.connection, { path, content: file, headers, signal });
        await this.verify(path, file, headerOf(answer, 'x-amz-checksum-sha256'), signal);
        return true;
      } catch (error) {
        const isGone = isMissing(error) && condition['if-match'] !== undefined;
        if (isTaken(error) || isGone) return false;
        throw error;
      }
    });
  }

  /** By the checksum that the server computed; where it tells none, by what it says that it has. */
  private async verify(
    path: string,
    file: PublishedFile,
    checksum: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (checksum === checksumOf(file.sha256)) return;
    const found = checksum === undefined ? await this.look(path, signal) : undefined;
    if (found?.sha256 === file.sha256 && found.size === file.size) return;
    throw new StoreError('STORE_CONTENT_DIFFERS', `${this.label}/${path}`, 'what arrived there has another digest');
  }

  private async look(path: string, signal: AbortSignal): Promise<(PlacedDigest & { version: string }) | undefined> {
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    const answer = await sent(this.backend.connection.send({ method: 'HEAD', path, headers, signal }));
    if (answer === undefined) return undefined;
    await answer.body.dump();
    const checksum = headerOf(answer.headers, 'x-amz-checksum-sha256');
    return {
      size: Number(headerOf(answer.headers, 'content-length')),
      sha256:
        checksum === undefined
          ? headerOf(answer.headers, 'x-amz-meta-sha256')
          : Buffer.from(checksum, 'base64').toString('hex'),
      version: headerOf(answer.headers, 'etag') ?? '',
    };
  }

  private async sendCopy(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
    const { connection } = this.backend;
    const answer = await connection.send({ method: 'PUT', path, headers, isPatient: true, signal });
    // S3 answers 200 before it has copied, and says in the document whether it did.
    const document = Buffer.from((await readWhole(answer.body, ANSWER_LIMIT)) ?? []).toString();
    if (document.includes('<CopyObjectResult')) return;
    const [, code] = /<Code>([A-Za-z0-9._-]{1,80})<\/Code>/.exec(document) ?? [];
    throw new S3Refusal(500, code, undefined, undefined);
  }

  private attempts<T>(
    milliseconds: number,
    attempt: Attempt,
    work: (deadline: Deadline, count: number) => Promise<T>,
  ): Promise<T> {
    return attempts(this.backend, milliseconds, attempt, work);
  }

  private invalid(message: string): StoreError {
    return new StoreError('STORE_ANSWER_INVALID', this.label, message);
  }
}

/** What may pass, also later than a store would wait for; and damage, which may be in what is sent. */
function isWorthwhile(error: unknown, count: number): boolean {
  return isDamaged(error) ? count < DAMAGES : storeErrorOf('', error).code === 'STORE_UNREACHABLE';
}

/** With a slash at the end, the deepest first, and the prefix last. */
function foldersOf(prefix: string, paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1)));
  const below = folders.filter((folder) => folder.startsWith(prefix));
  return [...new Set([...below, prefix])].sort().reverse();
}

function headerOf(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
