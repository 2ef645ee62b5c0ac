// A store over a folder that plays the remote, with faults that can be switched on.
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import type { Trust } from '../entry/trust.js';
import { StoreError, type StoreErrorCode } from '../store-error.js';
import { assembleStore } from './open-store.js';
import { planStore, type Environment } from './plan-store.js';
import { LIMITS, type Limits } from './remote.js';
import { MemoryJournal, type RunJournal, type StoreEvent } from './run-journal.js';
import type { Store } from './store.js';

export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

type Method = 'read' | 'download' | 'create' | 'stat';

/** Passes everything on, but for the methods that have a fault. */
export class FaultyBackend implements ObjectBackend {
  readonly label = 's3://bucket/prefix';
  readonly calls: string[] = [];
  readonly faults = new Map<Method, () => Promise<never>>();
  /** Changes what is read or downloaded. */
  damage: ((bytes: Buffer) => Buffer) | undefined;

  constructor(private readonly backend: ObjectBackend) {}

  /** A fault of the given code. */
  fail(code: StoreErrorCode, ...methods: Method[]): void {
    for (const method of methods) {
      this.faults.set(method, () => Promise.reject(new StoreError(code, this.label, `no ${method} today`)));
    }
  }

  async read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined> {
    await this.pass('read', path, attempt);
    const bytes = await this.backend.read(path, limit, attempt);
    return bytes && (this.damage?.(Buffer.from(bytes)) ?? bytes);
  }

  async download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined> {
    await this.pass('download', path, attempt);
    const found = await this.backend.download(path, file, attempt);
    if (found === undefined || this.damage === undefined) return found;
    const bytes = this.damage(await readFile(file));
    await writeFile(file, bytes);
    return { size: bytes.length, sha256: sha256Of(bytes) };
  }

  async create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'> {
    await this.pass('create', path, attempt);
    return this.backend.create(path, content, attempt);
  }

  async stat(path: string, attempt?: Attempt): Promise<ObjectFacts | undefined> {
    await this.pass('stat', path, attempt);
    return this.backend.stat(path, attempt);
  }

  list(prefix: string, attempt?: Attempt): AsyncIterable<ObjectFacts> {
    return this.backend.list(prefix, attempt);
  }

  remove(path: string, attempt?: Attempt): Promise<void> {
    return this.backend.remove(path, attempt);
  }

  private async pass(method: Method, path: string, attempt: Attempt | undefined): Promise<void> {
    this.calls.push(`${method} ${path}`);
    const ended = new Promise<never>((_, reject) => {
      const end = (): void => {
        reject(new StoreError('STORE_UNREACHABLE', this.label, 'not done in time'));
      };
      if (attempt?.signal?.aborted === true) end();
      attempt?.signal?.addEventListener('abort', end);
    });
    ended.catch(() => undefined);
    const fault = this.faults.get(method);
    if (fault !== undefined) await Promise.race([fault(), ended]);
  }
}

export const hang = (): Promise<never> => new Promise(() => undefined);

/** Limits that make a hanging store cost little. */
export const SHORT: Limits = {
  ...LIMITS,
  recordMs: 100,
  downloadMs: () => 200,
  uploadMs: () => 200,
  graceMs: 100,
};

/** A journal whose events and warnings specs can inspect. */
export class RecordingJournal extends MemoryJournal {
  readonly events: StoreEvent[];
  readonly warnings: string[];

  constructor() {
    const [events, warnings]: [StoreEvent[], string[]] = [[], []];
    super({ onEvent: (event) => events.push(event), onWarning: (message) => warnings.push(message) });
    this.events = events;
    this.warnings = warnings;
  }
}

export interface Stage {
  backend: FaultyBackend;
  journal: RunJournal;
  environment?: Environment;
  trust?: Trust;
  limits?: Limits;
  retryAfterMs?: number;
  isUploader?: boolean;
}

/** `XDG_STATE_HOME` of the stores of one spec, which are those of one machine. */
export const STATE = mkdtempSync(join(tmpdir(), 'pinpack-state-'));

export async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'pinpack-store-'));
}

/** A remote of its own, and a journal. */
export async function newStage(): Promise<{ backend: FaultyBackend; journal: RecordingJournal; remoteFolder: string }> {
  const remoteFolder = await newFolder();
  return { backend: new FaultyBackend(new FolderBackend(remoteFolder)), journal: new RecordingJournal(), remoteFolder };
}

/** A store before the stage's remote, with a local folder of its own unless XDG_CACHE_HOME names one; in CI unless said otherwise. */
export async function openStage(stage: Stage): Promise<Store> {
  const environment = { XDG_CACHE_HOME: await newFolder(), XDG_STATE_HOME: STATE, CI: 'true', ...stage.environment };
  const plan = planStore('s3://bucket/prefix', undefined, environment);
  const location = { kind: 's3', bucket: 'bucket', prefix: 'prefix', pathStyle: false } as const;
  return assembleStore(stage.backend, { ...plan, location }, { trust: { publicKeys: [] }, ...stage, environment });
}

/** A new file with the content. */
export async function fileOf(content: string | Uint8Array): Promise<string> {
  const file = join(await newFolder(), 'file');
  await writeFile(file, content);
  return file;
}
