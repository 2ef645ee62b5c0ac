// Client of the configured package indexes: lists a project's files and downloads them, checking size and sha256 against the lock while streaming.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { sha256OfFile } from '@pinpack/common/digest';
import { distError, type DistError } from '../dist-error.js';
import type { FileOrigin, WheelFile } from '../names/distribution-file.js';
import { copyOrigin } from '../origin/copy-origin.js';
import { checkWheelSize } from '../wheel/check-wheel-size.js';
import { installedFactsOf, type FactsRequest, type InstalledFacts } from '../wheel/installed-facts.js';
import { assignedIndex, type IndexAssignments } from './index-assignments.js';
import { DEFAULT_INDEX, type ConfiguredIndex, type IndexConfiguration } from './index-configuration.js';
import { IndexPages } from './index-pages.js';
import { unreachable, type IndexResponse } from './index-response.js';
import { IndexTransport, type TransportOptions } from './index-transport.js';
import { PageCache, type IndexPage } from './page-cache.js';
import { redact } from './redact.js';
import { withRangeWheel } from './range-wheel.js';
import { readMetadataByRange } from './wheel-metadata-range.js';
import type { IndexFile } from './simple-page.js';

/** Called with the number of bytes that have just been received. */
export type OnBytes = (count: number) => void;

/** Holds the directory of most wheels, and their RECORD. */
const DIRECTORY_BYTES = 32 * 1024;
const FILE = { applied: { seconds: 'fileSeconds', size: 'fileMiB' } } as const;
const RELEASE = {
  headers: { accept: 'application/json' },
  applied: { seconds: 'pageSeconds', size: 'pageMiB' },
} as const;
const METADATA = { applied: { seconds: 'pageSeconds', size: 'metadataMiB' } } as const;

export class IndexClient {
  private readonly inside = new Map<string, Promise<string>>();

  private constructor(
    private readonly transport: IndexTransport,
    private readonly pages: IndexPages,
    private readonly assignments: IndexAssignments,
  ) {}

  /** @param options - `cache` is the user's cache folder, for pages; without it they are read anew by each client */
  static of(
    configuration: IndexConfiguration,
    { cache, ...options }: TransportOptions & { cache?: string } = {},
  ): IndexClient {
    const transport = new IndexTransport(configuration, options);
    return new IndexClient(transport, new IndexPages(transport, new PageCache(cache)), {});
  }

  /** The same client with distributions assigned to indexes. It shares the pages that were read. */
  assigning(assignments: IndexAssignments = {}): IndexClient {
    return new IndexClient(this.transport, this.pages, assignments);
  }

  get limits(): IndexTransport['limits'] {
    return this.transport.limits;
  }

  /** The requests that have not ended, the oldest first. Their URLs have no credentials. */
  get pending(): { about: string; since: number }[] {
    return this.transport.pending.map(({ url, since }) => ({ about: redact(url), since }));
  }

  /** The name of the index to which the project is assigned. @param project - PEP 503 name */
  assigned(project: string): string | undefined {
    return assignedIndex(this.assignments, project)?.index;
  }

  /** Text that identifies the indexes and the assignments, for caches. It has no credentials, but may have tokens: use only its digest. */
  get identity(): string {
    return JSON.stringify([this.transport.configuration.indexes.map(({ url }) => url), this.assignments]);
  }

  /** Whether there is an index beside the default one, or one with credentials. */
  get hasPrivateIndex(): boolean {
    return this.transport.configuration.indexes.some((index) => this.#isPrivate(index));
  }

  /**
   * The files of a project, from the index that it is assigned to, or else from the only index that has it.
   *
   * @param project - PEP 503 name
   * @returns no files if no index has the project
   * @throws DistError `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_TOO_SLOW`, `DIST_INDEX_TOO_LARGE`, `DIST_INDEX_PAGE_INVALID`
   * @throws DistError `DIST_INDEX_AMBIGUOUS` if several indexes have it, `DIST_INDEX_NOT_CONFIGURED`, `DIST_INDEX_REDIRECTED`
   */
  async files(project: string): Promise<IndexFile[]> {
    return (await this.page(project))?.files() ?? [];
  }

  /** The page with these files. */
  async page(project: string): Promise<IndexPage | undefined> {
    const assigned = assignedIndex(this.assignments, project);
    if (assigned !== undefined) {
      const index = this.named(assigned.index, project);
      // `*` only sets a default, so the index may be a mirror that redirects.
      return this.pages.of(index, project, assigned.pattern !== '*');
    }
    const searched = this.searched;
    const pages = await Promise.all(searched.map((index) => this.pages.of(index, project)));
    const having = searched.filter((_, at) => pages[at] !== undefined);
    if (having.length > 1) throw ambiguous(project, having);
    return pages.find((page) => page !== undefined);
  }

  /**
   * The METADATA of a wheel, if the index serves it separately (PEP 658).
   *
   * @returns undefined if it is only in the wheel
   * @throws DistError `DIST_INDEX_METADATA_DIFFERS` if its digest is not the one on the index's page
   */
  async metadata(file: IndexFile): Promise<string | undefined> {
    if (file.metadata === undefined) return undefined;
    const { status, body } = await this.transport.read(metadataUrl(file.url), METADATA);
    if (status !== 200) return undefined;
    const found = createHash('sha256').update(body).digest('hex');
    if (file.metadata.sha256 !== undefined && file.metadata.sha256 !== found) {
      throw distError(file.name, 'DIST_INDEX_METADATA_DIFFERS', [
        'its metadata file does not match the digest on the page of the index',
        `expected sha256=${file.metadata.sha256}, found sha256=${found}`,
        'The index or a proxy serves damaged data. Try again, or report it to the operator of the index.',
      ]);
    }
    return body.toString('utf8');
  }

  /**
   * The METADATA inside of a wheel, whose digest is not verified.
   *
   * @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*`, `DIST_METADATA_INVALID`
   */
  metadataInside(file: IndexFile): Promise<string> {
    const read = (): Promise<string> => readMetadataByRange(this.transport, file);
    const known = this.inside.get(file.url) ?? this.transport.inTurn(read);
    this.inside.set(file.url, known);
    return known;
  }

  /**
   * The files that a locked wheel installs, by range requests.
   *
   * @throws DistError `DIST_INDEX_*`, also if the index has no ranges, `DIST_WHEEL_*`, `DIST_RECORD_MISSING`
   */
  async installedFacts(project: string, wheel: WheelFile, request: FactsRequest): Promise<InstalledFacts> {
    const { file } = await this.findFile(project, wheel);
    const options = { tailBytes: DIRECTORY_BYTES, mayFetchAll: false };
    return this.transport.inTurn(() =>
      withRangeWheel(this.transport, file, options, (zipped) => installedFactsOf(zipped, wheel.name, request)),
    );
  }

  /**
   * What the JSON API of the project's index says of a release, as text.
   *
   * @returns undefined if the index has no such API
   * @throws DistError `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_NOT_CONFIGURED`
   */
  async release(project: string, version: string): Promise<string | undefined> {
    const name = this.assigned(project);
    for (const index of name === undefined ? this.searched : [this.named(name, project)]) {
      const url = releaseUrl(index, project, version);
      if (url === undefined) continue;
      const { status, headers, body } = await this.transport.read(url, RELEASE);
      if (status === 200 && String(headers['content-type']).includes('json')) return body.toString('utf8');
    }
    return undefined;
  }

  /**
   * Downloads a locked file to a path that must not exist. A wheel is also checked against the limits on wheels.
   *
   * @returns whether the file is private: not on the default index, or behind credentials
   * @throws DistError `DIST_INDEX_FILE_MISSING`, `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_DIGEST_DIFFERS`, `DIST_INDEX_TOO_SLOW`, `DIST_WHEEL_*`
   */
  async download(
    project: string,
    wheel: WheelFile,
    path: string,
    onBytes: OnBytes = () => undefined,
  ): Promise<{ isPrivate: boolean }> {
    const { origin } = wheel;
    if (origin !== undefined && origin.kind !== 'url') return this.#copy(project, { ...wheel, origin }, path, onBytes);
    const { url, isPrivate } = await this.#locate(project, wheel);
    const { size, sha256 } = await save(await this.openFile(url), path, { limit: wheel.size, onBytes });
    if (size !== wheel.size || sha256 !== wheel.sha256) throw digestDiffers(wheel, size, sha256);
    if (wheel.name.endsWith('.whl')) await checkWheelSize(path, wheel.name, this.limits);
    return { isPrivate };
  }

  async #locate(project: string, wheel: WheelFile): Promise<{ url: string; isPrivate: boolean }> {
    const { origin } = wheel;
    if (origin?.kind === 'url') return { url: origin.url, isPrivate: true };
    const { file, index } = await this.findFile(project, wheel);
    return { url: file.url, isPrivate: this.#isPrivate(index) };
  }

  #isPrivate({ names, url }: ConfiguredIndex): boolean {
    return !names.includes(DEFAULT_INDEX) || this.transport.hasCredentials(url);
  }

  async #copy(project: string, file: CopiedFile, path: string, onBytes: OnBytes): Promise<{ isPrivate: boolean }> {
    await copyOrigin(project, file.origin, this.transport.root, path);
    const { size } = await stat(path);
    const found = await sha256OfFile(path);
    if (size !== file.size || found !== file.sha256) throw originDiffers(file, size, found);
    onBytes(size);
    return { isPrivate: true };
  }

  /** Downloads a file that is not on an index. Only for `lock`. @returns its size and sha256 */
  async downloadUrl(url: string, path: string): Promise<{ size: number; sha256: string }> {
    return save(await this.openFile(url), path);
  }

  /** Size and sha256 of a file whose index page lacks them, by downloading it. Only for `lock`: there is nothing to verify them against. */
  async measure(project: string, name: string): Promise<{ size: number; sha256: string }> {
    const file = (await this.files(project)).find((candidate) => candidate.name === name);
    if (file === undefined) throw this.missing(project, name, 0);
    const chunks = await this.openFile(file.url);
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of chunks()) {
      hash.update(piece);
      size += piece.length;
    }
    return { size, sha256: hash.digest('hex') };
  }

  private async openFile(url: string): Promise<IndexResponse['chunks']> {
    const { status, chunks, close } = await this.transport.open(url, FILE);
    if (status === 200) return chunks;
    close();
    throw unreachable(url, `answered with status ${status}`);
  }

  /** The file by name and digest. The digest identifies it, so several indexes may have it. */
  private async findFile(project: string, wheel: WheelFile): Promise<{ file: IndexFile; index: ConfiguredIndex }> {
    const name = wheel.index ?? this.assigned(project);
    const indexes = name === undefined ? this.searched : [this.named(name, project)];
    let other: IndexFile | undefined;
    let count = 0;
    for (const index of indexes) {
      const files = (await this.pages.of(index, project))?.files() ?? [];
      count += files.length;
      const file = files.find((candidate) => candidate.name === wheel.name);
      if (file !== undefined && (file.sha256 === undefined || file.sha256 === wheel.sha256)) return { file, index };
      other ??= file;
    }
    if (other !== undefined) throw digestDiffers(wheel, other.size ?? wheel.size, other.sha256 ?? '');
    throw this.missing(project, wheel.name, count);
  }

  private missing(project: string, name: string, count: number): DistError {
    const where = this.searched.map(({ url }) => redact(url)).join(', ');
    return distError(name, 'DIST_INDEX_FILE_MISSING', [
      'no configured index has the file',
      `requested from ${where}, found ${count} files of ${project}`,
      'Configure an index that has it (PIP_INDEX_URL, pip.conf or uv.toml), or pin another version and lock again.',
    ]);
  }

  private get searched(): ConfiguredIndex[] {
    return this.transport.configuration.indexes.filter(({ isExplicit }) => !isExplicit);
  }

  private named(name: string, project: string): ConfiguredIndex {
    const { indexes } = this.transport.configuration;
    const index = indexes.find(({ names }) => names.includes(name));
    if (index !== undefined) return index;
    const known = indexes.flatMap(({ names }) => names);
    throw distError(project, 'DIST_INDEX_NOT_CONFIGURED', [
      `is taken from the index "${name}" ("index" in reqset.json), which is not configured on this machine`,
      `found ${known.length === 0 ? 'no named index' : known.join(', ')}`,
      `Name it in uv's way: UV_INDEX=${name}=https://…, or [[index]] with name and url in uv.toml.`,
    ]);
  }
}

/** `…/simple` → `…/pypi/<project>/<version>/json`; undefined for an index with another path. */
function releaseUrl({ url }: ConfiguredIndex, project: string, version: string): string | undefined {
  const page = new URL(url);
  if (!/\/simple\/?$/.test(page.pathname)) return undefined;
  page.pathname = page.pathname.replace(/simple\/?$/, `pypi/${project}/${encodeURIComponent(version)}/json`);
  return page.href;
}

/** PEP 658: `.metadata` is appended to the path. */
function metadataUrl(url: string): string {
  const target = new URL(url);
  target.pathname += '.metadata';
  return target.href;
}

function ambiguous(project: string, having: readonly ConfiguredIndex[]): DistError {
  const shown = having.map(({ url, names }) => `${names[0] ?? 'without a name'} (${redact(url)})`);
  const [name = '<name>'] = having.flatMap(({ names }) => names);
  return distError(project, 'DIST_INDEX_AMBIGUOUS', [
    `${having.length} indexes have this project: ${shown.join(', ')}`,
    'Either could be meant: anyone can publish the name of an internal project on a public index (dependency confusion).',
    `Say which one in reqset.json, "index": {"${project}": "${name}"}; patterns work too: {"acme-*": "internal", "*": "default"}.`,
    ...(having.some(({ names }) => names.length === 0)
      ? ['An index gets a name by UV_INDEX=<name>=https://…, or by [[index]] in uv.toml.']
      : []),
  ]);
}

type CopiedFile = WheelFile & { origin: Exclude<FileOrigin, { kind: 'url' }> };

function originDiffers({ name, size, sha256, origin }: CopiedFile, found: number, digest: string): DistError {
  return distError(name, 'DIST_ORIGIN_DIFFERS', [
    origin.kind === 'git'
      ? `what is packed from commit ${origin.commit} of ${origin.url} differs from the locked sdist`
      : `${origin.path} differs from the locked file`,
    `locked ${size} bytes, sha256=${sha256}`,
    `found ${found} bytes, sha256=${digest}`,
    'Find out what changed, then lock again.',
  ]);
}

interface SaveOptions {
  /** In bytes: what is longer is cut off, and its size is larger than the limit. */
  limit?: number;
  onBytes?: OnBytes;
}

/** Writes a body to a new file. @returns its size and sha256 */
async function save(
  chunks: () => AsyncIterable<Buffer>,
  path: string,
  { limit = Infinity, onBytes = () => undefined }: SaveOptions = {},
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    async function* () {
      for await (const piece of chunks()) {
        size += piece.length;
        if (size > limit) break;
        hash.update(piece);
        onBytes(piece.length);
        yield piece;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
  );
  return { size, sha256: hash.digest('hex') };
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
