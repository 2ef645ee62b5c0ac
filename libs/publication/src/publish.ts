// Writes files, release.json and pointer in this order, so that readers only see complete publications whenever the publisher stops.
import { StoreError } from '@pinpack/build-store';
import { publishedBytes } from './published-files.js';
import { mapUntilFailure } from './map-until-failure.js';
import { hasDigest, RECORD_FILE, publicationId, publicationPath, publicationTime } from './publication-paths.js';
import type { PublicationTarget, PublishedFile } from './publication-target.js';
import { pointTo } from './pointer.js';
import type { PublicationsReader } from './publications-reader.js';
import { encodePublicationRecord, pathProblems, type PublicationFile } from './publication-record.js';

/** How a file got into a publication: uploaded, copied from an earlier publication on the server, or left by a killed publisher. */
export type Arrival = 'uploaded' | 'copied' | 'present';

export interface PublishRequest {
  label: string;
  /** Their paths are relative to the publication. */
  files: readonly PublishedFile[];
  /** Public base URL of the publications, without a trailing slash: `https://rpms.example.com`. */
  url: string;
  /** Called for each file when it is stored. */
  onFile?: (file: PublicationFile, arrival: Arrival) => void;
  /** Called when the publication is complete, before the pointer is replaced. Also called for an existing publication. */
  beforeSwitch?: (id: string) => Promise<void>;
  /** Default: the current time. */
  now?: Date;
}

export interface Published {
  id: string;
  /** Number of files by arrival; zero if the publication was complete already. */
  uploaded: number;
  copied: number;
  present: number;
  /** Uploaded bytes. */
  bytes: number;
  /** False if another publisher's newer publication became the latest first. This one is complete nevertheless. */
  isLatest: boolean;
  /** The previous latest publication; the same as `id` if nothing changed. */
  before: string | undefined;
}

/** Older incomplete publications might be removed while they are resumed. */
const RESUMABLE_MS = 12 * 60 * 60_000;

export async function publishFiles(
  publications: PublicationsReader,
  target: PublicationTarget,
  request: PublishRequest,
): Promise<Published> {
  const { label, files, url, now = new Date() } = request;
  const problems = [...pathProblems(files)];
  if (problems.length > 0) throw new RangeError(problems.join('\n  '));
  const manifest = publishedBytes(RECORD_FILE, encodePublicationRecord(label, files));
  const before = await publications.latest(label);
  const { id, isComplete } = await planId(publications, label, manifest.sha256, now);
  const arrivals = isComplete ? [] : await fill(publications, target, { ...request, id });
  if (!isComplete) {
    await checkSizes(target, publicationPath(label, id), files);
    await createOnce(target, publicationPath(label, id, RECORD_FILE), manifest);
  }
  await request.beforeSwitch?.(id);
  const mayReplace = (found: string | undefined): boolean => found === before || found === undefined || found < id;
  const pointed = await pointTo(target, { label, id, url, mayReplace });
  const count = (arrival: Arrival): number => arrivals.filter((one) => one.arrival === arrival).length;
  const sent = arrivals.filter(({ arrival }) => arrival === 'uploaded');
  return {
    id,
    uploaded: count('uploaded'),
    copied: count('copied'),
    present: count('present'),
    bytes: sent.reduce((sum, { file }) => sum + file.size, 0),
    isLatest: pointed.isDone,
    before: pointed.isDone ? pointed.id : before,
  };
}

/** Finds a complete or resumable publication of the same files. Otherwise plans a new one, newer than all others regardless of the clocks. */
async function planId(
  publications: PublicationsReader,
  label: string,
  sha256: string,
  now: Date,
): Promise<{ id: string; isComplete: boolean }> {
  const ids = await publications.ids(label);
  const same = ids.filter((id) => hasDigest(id, sha256));
  for (const id of same) {
    if (await publications.isComplete(label, id)) return { id, isComplete: true };
  }
  const begun = same.find((id) => now.getTime() - publicationTime(id).getTime() < RESUMABLE_MS);
  if (begun !== undefined) return { id: begun, isComplete: false };
  const [newest] = ids;
  const time = newest === undefined ? 0 : publicationTime(newest).getTime() + 1000;
  return { id: publicationId(new Date(Math.max(now.getTime(), time)), sha256), isComplete: false };
}

interface Arrived {
  file: PublishedFile;
  arrival: Arrival;
}

async function fill(
  publications: PublicationsReader,
  target: PublicationTarget,
  request: PublishRequest & { id: string },
): Promise<Arrived[]> {
  const { label, id, files, onFile } = request;
  const root = publicationPath(label, id);
  const [there, sources] = await Promise.all([target.sizes(root), copySources(publications, target, request)]);
  // Largest first, so that a large file does not delay the end.
  const sorted = [...files].sort((one, other) => other.size - one.size);
  const arrive = async (file: PublishedFile): Promise<Arrived> => {
    const arrival = await bring(target, `${root}${file.path}`, file, { there, source: sources.get(file.sha256) });
    const twin = await target.indexTwin(`${root}${file.path}`);
    if (twin !== undefined) await createOnce(target, twin, file);
    onFile?.(file, arrival);
    return { file, arrival };
  };
  return mapUntilFailure(sorted, arrive, target.atOnce);
}

/**
 * Maps the digests of published files to their paths in the newest complete publication. Another publisher of the same files may have completed this
 * publication in the meantime: its own objects are no sources, since S3 refuses to copy an object to itself.
 */
async function copySources(
  publications: PublicationsReader,
  target: PublicationTarget,
  { label, id: own }: { label: string; id: string },
): Promise<Map<string, string>> {
  const ids = (await publications.list(label)).map(({ id }) => id).filter((id) => id !== own);
  const records = await mapUntilFailure(
    ids,
    async (id) => ({ id, record: await publications.readRecord(label, id) }),
    target.atOnce,
  );
  const sources = new Map<string, string>();
  for (const { id, record } of records) {
    for (const { path, sha256 } of record?.files ?? []) {
      if (!sources.has(sha256)) sources.set(sha256, publicationPath(label, id, path));
    }
  }
  return sources;
}

async function bring(
  target: PublicationTarget,
  path: string,
  file: PublishedFile,
  { there, source }: { there: ReadonlyMap<string, number>; source: string | undefined },
): Promise<Arrival> {
  if (there.get(path) === file.size && (await isThere(target, path, file))) return 'present';
  // An unfinished file of another publisher, in a publication that nobody reads.
  if (there.has(path)) await target.remove(path);
  if (source !== undefined && (await target.copy(source, path, file))) return 'copied';
  await createOnce(target, path, file);
  return 'uploaded';
}

/** Accepts an existing file with the same content, from another publisher or from an attempt whose response was lost. */
async function createOnce(target: PublicationTarget, path: string, file: PublishedFile): Promise<void> {
  if ((await target.create(path, file)) === 'created' || (await isThere(target, path, file))) return;
  throw new StoreError(
    'STORE_CONTENT_DIFFERS',
    `${target.location}/${path}`,
    `another file exists, expected none or one with sha256=${file.sha256}\n  Remove the publication that contains it, and publish again`,
  );
}

async function isThere(target: PublicationTarget, path: string, file: PublishedFile): Promise<boolean> {
  const found = await target.digest(path);
  return found?.sha256 === file.sha256 && found.size === file.size;
}

/** Verifies that no file was removed or replaced before readers are directed to the publication. */
async function checkSizes(target: PublicationTarget, root: string, files: readonly PublishedFile[]): Promise<void> {
  const there = await target.sizes(root);
  const wrong = files.filter(({ path, size }) => there.get(`${root}${path}`) !== size);
  if (wrong.length === 0) return;
  const lines = wrong.map(
    ({ path, size }) => `${path}: ${there.get(`${root}${path}`) ?? 'no'} bytes, expected ${size}`,
  );
  throw new StoreError(
    'STORE_CONTENT_DIFFERS',
    `${target.location}/${root}`,
    `${lines.join('\n  ')}\n  Another process changed the files during publishing. Publish again`,
  );
}
