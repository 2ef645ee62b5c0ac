// Verifies every object of a store: contents against their digests, records against their keys, signatures and contents.
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectBackend } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { digestOfFile, type Digested } from '../content/digest.js';
import { parseRecord, RECORD_LIMIT } from '../entry/record.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, readableNamespaces, type ObjectTarget } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';
import { EntryStore } from '../store/entry-store.js';
import { listObjects, type StoredObject } from './list-store.js';
import { pMapIterable } from 'p-map';

export interface VerifyFinding {
  path: string;
  /** Describes what was found and expected. */
  problem: string;
  isRemoved: boolean;
}

export interface VerifyReport {
  contents: number;
  records: number;
  /** Of contents. */
  bytes: number;
  findings: VerifyFinding[];
}

export interface VerifyOptions {
  /** With public keys, an entry without a valid signature is a finding. */
  trust?: Trust | undefined;
  /** Removes objects that no reader would accept. Objects that are not part of a store are kept. */
  isRepair?: boolean | undefined;
}

const AT_ONCE = 4;

type Check = (object: StoredObject & { place: ObjectTarget }) => Promise<string | undefined>;

/** @throws StoreError of the backend */
export async function verifyStore(backend: ObjectBackend, options: VerifyOptions = {}): Promise<VerifyReport> {
  const report: VerifyReport = { contents: 0, records: 0, bytes: 0, findings: [] };
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-verify-'));
  try {
    const damaged = new Set<string>();
    await checkEach(backend, 'content', options, report, async ({ path, size, place }) => {
      report.contents++;
      report.bytes += size;
      const problem = await contentProblem(backend, path, place, join(folder, randomUUID()));
      if (problem !== undefined) damaged.add(path);
      return problem;
    });
    await checkEach(backend, 'record', options, report, async ({ path, place }) => {
      report.records++;
      return place.what === 'record' ? recordProblem(backend, path, place, options.trust, damaged) : undefined;
    });
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One pass for each kind of object: contents first, since records refer to them. */
async function checkEach(
  backend: ObjectBackend,
  what: ObjectTarget['what'],
  { isRepair = false }: VerifyOptions,
  { findings }: VerifyReport,
  check: Check,
): Promise<void> {
  const find = async (object: StoredObject): Promise<VerifyFinding[]> => {
    const { path, place } = object;
    if (place === undefined) {
      return what === 'content'
        ? [{ path, problem: 'not an object of a store: nothing reads it', isRemoved: false }]
        : [];
    }
    const problem = place.what === what ? await check({ ...object, place }) : undefined;
    if (problem === undefined) return [];
    if (isRepair) await backend.remove(path);
    return [{ path, problem, isRemoved: isRepair }];
  };
  for await (const found of pMapIterable(listObjects(backend), find, { concurrency: AT_ONCE })) findings.push(...found);
}

async function contentProblem(
  backend: ObjectBackend,
  path: string,
  place: ObjectTarget,
  temporary: string,
): Promise<string | undefined> {
  const found = await digestOf(backend, path, temporary);
  if (found === undefined || place.what !== 'content' || found.sha256 === place.sha256) return undefined;
  return `its content is damaged: ${found.size} bytes, sha256=${found.sha256}`;
}

/** undefined if it was removed in the meantime. */
async function digestOf(backend: ObjectBackend, path: string, temporary: string): Promise<Digested | undefined> {
  if (backend instanceof FolderBackend) {
    return digestOfFile(backend.pathOf(path)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
  }
  try {
    return await backend.download(path, temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function recordProblem(
  backend: ObjectBackend,
  path: string,
  place: Extract<ObjectTarget, { what: 'record' }>,
  trust: Trust | undefined,
  damaged: ReadonlySet<string>,
): Promise<string | undefined> {
  try {
    const bytes = await backend.read(path, RECORD_LIMIT);
    if (bytes === undefined) return undefined;
    const store = new EntryStore(backend, place.namespace, trust);
    const { sha256, size } = store.checkRecord(parseRecord(bytes, path), place);
    for (const namespace of readableNamespaces(place.namespace)) {
      const content = contentPath(namespace, sha256);
      const found = damaged.has(content) ? undefined : await backend.stat(content);
      if (found?.size === size) return undefined;
    }
    // A gc may have removed both in the meantime.
    if ((await backend.stat(path)) === undefined) return undefined;
    return `its content is gone, or damaged: sha256=${sha256}`;
  } catch (error) {
    const isOfRecord =
      error instanceof StoreError && ['STORE_ANSWER_INVALID', 'STORE_SIGNATURE_INVALID'].includes(error.code);
    if (isOfRecord) return error.message.replace(`${error.subject}: `, '');
    throw error;
  }
}
