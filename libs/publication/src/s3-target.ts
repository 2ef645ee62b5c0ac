// Publishes to an S3 bucket. The files of a publication are written once (`If-None-Match: *`), pointers are replaced with `If-Match`, and the
// server copies files that an earlier publication has. This file imports the AWS SDK, so import it only for publications on S3.
import { StoreError, type S3Location } from '@pinpack/build-store';
import {
  attempts,
  checksumOf,
  copyObject,
  encryptionHeaders,
  headerOf,
  isChecksumMismatch,
  isMissing,
  isPreconditionFailed,
  readWhole,
  S3Backend,
  storeErrorOf,
  totalMs,
  undefinedIfMissing,
  upload,
  type Attempt,
  type Deadline,
  type S3Limits,
} from '@pinpack/build-store/object-storage';
import { mapUntilFailure } from './map-until-failure.js';
import type { Lifetime, PlacedDigest, PlacedObject, PublicationTarget, PublishedFile } from './publication-target.js';
import { SlashKeys } from './slash-keys.js';

export interface S3PlaceOptions {
  /** Credentials, region and proxies. The SDK looks up what is missing in its usual places. */
  environment: Record<string, string | undefined>;
  limits?: Partial<S3Limits>;
}

/** More than for a store: an error of the store is a cache miss, but failed publishing is a failed run. */
const ATTEMPTS = 6;
const CHECKSUM_ATTEMPTS = 3;
/** The server's time for a copy grows with the size. */
const COPY_MS = 300_000;
const CACHE_CONTROL: Record<Lifetime, string> = {
  immutable: 'public, max-age=31536000, immutable',
  changing: 'no-cache',
};

export class S3Target implements PublicationTarget {
  readonly location: string;
  readonly atOnce = 16;
  private readonly backend: S3Backend;
  private readonly slashKeys = new SlashKeys(this);

  constructor(
    private readonly bucket: S3Location,
    { environment, limits = {} }: S3PlaceOptions,
  ) {
    const all = { attempts: ATTEMPTS, ...limits };
    this.backend = new S3Backend(bucket, {
      environment,
      limits: all,
      isWorthwhile,
    });
    this.location = this.backend.label;
  }

  read(path: string, limit: number, attempt: Attempt = {}): Promise<PlacedObject | undefined> {
    return this.attempts(totalMs(0, 'download'), attempt, async ({ signal }) => {
      const response = await undefinedIfMissing(this.backend.connection.send({ method: 'GET', path, signal }));
      if (response === undefined) return undefined;
      const bytes = await readWhole(response.body, limit);
      if (bytes === undefined) throw this.invalid(`${path} is larger than the limit of ${limit} bytes`);
      return { bytes, version: headerOf(response.headers, 'etag') ?? '' };
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
    // An attempt may have succeeded and lost its response. Then the object is this file.
    const { sha256 } = (await this.digest(path)) ?? {};
    return sha256 === file.sha256;
  }

  copy(from: string, path: string, file: PublishedFile): Promise<boolean> {
    return this.attempts(COPY_MS, {}, async ({ signal }) => {
      const source = await this.look(from, signal);
      if (source?.sha256 !== file.sha256 || source.size !== file.size) return false;
      const { connection } = this.backend;
      const copy = { from, etag: source.version, to: path, timeoutMs: this.backend.limits.storedMs, signal };
      try {
        await copyObject(connection, this.bucket, copy);
      } catch (error) {
        if (isMissing(error) || isPreconditionFailed(error)) return false;
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
    await mapUntilFailure(paths, (path) => this.remove(path), this.atOnce);
    // Some S3-compatible servers keep folders, and list empty ones.
    const above = prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
    if (!(await this.names(above)).includes(prefix.slice(above.length, -1))) return;
    for (const folder of foldersOf(prefix, paths)) await this.remove(folder);
  }

  /** S3 discards an incomplete upload by itself. */
  clean(): Promise<void> {
    return Promise.resolve();
  }

  indexTwin(path: string): Promise<string | undefined> {
    return this.slashKeys.twinOf(path);
  }

  /** @returns false when the condition does not hold */
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
      ...encryptionHeaders(this.bucket),
      ...condition,
    };
    return this.attempts(totalMs(file.size, 'upload'), {}, async ({ signal }) => {
      try {
        const headersOfResponse = await upload(this.backend.connection, { path, content: file, headers, signal });
        await this.verify(path, file, headerOf(headersOfResponse, 'x-amz-checksum-sha256'), signal);
        return true;
      } catch (error) {
        const isGone = isMissing(error) && condition['if-match'] !== undefined;
        if (isPreconditionFailed(error) || isGone) return false;
        throw error;
      }
    });
  }

  /** Compares with the checksum that the server computed, or with the object's metadata if it reports no checksum. */
  private async verify(
    path: string,
    file: PublishedFile,
    checksum: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (checksum === checksumOf(file.sha256)) return;
    const found = checksum === undefined ? await this.look(path, signal) : undefined;
    if (found?.sha256 === file.sha256 && found.size === file.size) return;
    throw new StoreError('STORE_CONTENT_DIFFERS', `${this.location}/${path}`, 'the uploaded object has another digest');
  }

  private async look(path: string, signal: AbortSignal): Promise<(PlacedDigest & { version: string }) | undefined> {
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    const response = await undefinedIfMissing(this.backend.connection.send({ method: 'HEAD', path, headers, signal }));
    if (response === undefined) return undefined;
    await response.body.dump();
    const checksum = headerOf(response.headers, 'x-amz-checksum-sha256');
    return {
      size: Number(headerOf(response.headers, 'content-length')),
      sha256:
        checksum === undefined
          ? headerOf(response.headers, 'x-amz-meta-sha256')
          : Buffer.from(checksum, 'base64').toString('hex'),
      version: headerOf(response.headers, 'etag') ?? '',
    };
  }

  private attempts<T>(
    milliseconds: number,
    attempt: Attempt,
    work: (deadline: Deadline, count: number) => Promise<T>,
  ): Promise<T> {
    return attempts(this.backend, milliseconds, attempt, work);
  }

  private invalid(message: string): StoreError {
    return new StoreError('STORE_ANSWER_INVALID', this.location, message);
  }
}

/** Retries outages that last longer than a store would wait, and a few checksum errors, since the local file may be the damaged one. */
function isWorthwhile(error: unknown, count: number): boolean {
  return isChecksumMismatch(error) ? count < CHECKSUM_ATTEMPTS : storeErrorOf('', error).code === 'STORE_UNREACHABLE';
}

/** The folders of the paths below a prefix, each with a slash at its end, the deepest first and the prefix last. */
function foldersOf(prefix: string, paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1)));
  const below = folders.filter((folder) => folder.startsWith(prefix));
  return [...new Set([...below, prefix])].sort().reverse();
}
