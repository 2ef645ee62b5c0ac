// Records the events of a run for its summary, and the first warning. The processes of a run share a journal in a folder (`PINPACK_STORE_RUN`);
// a process outside of a run has a journal in memory.
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { ENTRY_KINDS, type EntryKind } from '../names/object-keys.js';
import type { Environment } from './plan-store.js';

export interface StoreEvent {
  event: 'hit' | 'miss' | 'built' | 'uploaded' | 'refused' | 'fault';
  /** `content`: requested by its digest. */
  kind: EntryKind | 'content';
  /** For `content`: its sha256. */
  key: string;
  /** A file name; empty for Nx archives. */
  name: string;
  bytes: number;
  ms: number;
  /** Origin of a hit, or the error code of a fault. */
  from?: string;
}

const EVENT_SCHEMA = z.object({
  event: z.enum(['hit', 'miss', 'built', 'uploaded', 'refused', 'fault']),
  kind: z.enum([...ENTRY_KINDS, 'content']),
  key: z.string(),
  name: z.string(),
  bytes: z.number(),
  ms: z.number(),
  from: z.string().exactOptional(),
  /** End of the operation, in milliseconds since 1970. */
  at: z.number(),
});

/** An event in the run's folder. */
export type RunEvent = StoreEvent & z.output<typeof EVENT_SCHEMA>;

/** A decision for the rest of the run: `open` stops all requests to the store, `read-only` stops writing. */
export type Latch = 'open' | 'read-only';

export interface RunJournal {
  record(event: StoreEvent): Promise<void>;
  /** Only the first warning of a run is shown. */
  warn(message: string): Promise<void>;
  set(latch: Latch): Promise<void>;
  clear(latch: Latch): Promise<void>;
  isSet(latch: Latch): Promise<boolean>;
}

const EVENTS = 'events.jsonl';
const WARNED = 'warned';
const NOTICE_MS = 100;

export interface JournalListener {
  onEvent?: (event: StoreEvent) => void;
  onWarning?: (message: string) => void;
}

/** The journal of one process: it keeps the latches, and passes on events and warnings. */
export class MemoryJournal implements RunJournal {
  private readonly latches = new Set<Latch>();

  constructor(private readonly listener: JournalListener = {}) {}

  record(event: StoreEvent): Promise<void> {
    this.listener.onEvent?.(event);
    return Promise.resolve();
  }

  warn(message: string): Promise<void> {
    this.listener.onWarning?.(message);
    return Promise.resolve();
  }

  set(latch: Latch): Promise<void> {
    this.latches.add(latch);
    return Promise.resolve();
  }

  clear(latch: Latch): Promise<void> {
    this.latches.delete(latch);
    return Promise.resolve();
  }

  isSet(latch: Latch): Promise<boolean> {
    return Promise.resolve(this.latches.has(latch));
  }
}

/** The journal shared by all processes of a run. The process that opened the run shows the warning: Nx replays the output of a task at each hit. */
export class FolderJournal implements RunJournal {
  /** Latches that are set, and when the others were last looked for. */
  private readonly known = new Map<Latch, number>();

  /** @param folder - absolute; created with the first event */
  constructor(private readonly folder: string) {}

  record(event: StoreEvent): Promise<void> {
    const line = `${JSON.stringify({ ...event, at: Date.now() } satisfies RunEvent)}\n`;
    // One small append, so that lines of several processes do not mix.
    return this.attempt(() => {
      appendFileSync(join(this.folder, EVENTS), line);
    });
  }

  warn(message: string): Promise<void> {
    return this.attempt(() => {
      writeFileSync(join(this.folder, WARNED), message, { flag: 'wx' });
    });
  }

  set(latch: Latch): Promise<void> {
    this.known.set(latch, Infinity);
    return this.attempt(() => {
      writeFileSync(join(this.folder, latch), '');
    });
  }

  /** Does nothing: a store that one process can reach again may still fail for the others. */
  clear(): Promise<void> {
    return Promise.resolve();
  }

  /** What another process sets is noticed after a moment, since every request asks. */
  isSet(latch: Latch): Promise<boolean> {
    const known = this.known.get(latch);
    if (known !== undefined && performance.now() - known < NOTICE_MS) return Promise.resolve(known === Infinity);
    const isSet = existsSync(join(this.folder, latch));
    this.known.set(latch, isSet ? Infinity : performance.now());
    return Promise.resolve(isSet);
  }

  /** The journal is for information only, so errors are ignored. */
  private attempt(write: () => void): Promise<void> {
    if (!isDone(write)) {
      // The folder may not exist yet.
      isDone(() => {
        mkdirSync(this.folder, { recursive: true });
        write();
      });
    }
    return Promise.resolve();
  }
}

function isDone(task: () => void): boolean {
  try {
    task();
    return true;
  } catch {
    return false;
  }
}

/** Opens the journal of the run (`PINPACK_STORE_RUN`), or one in memory whose first warning is printed to stderr. */
export function openJournal(environment: Environment): RunJournal {
  const folder = runFolder(environment);
  if (folder !== undefined) return new FolderJournal(folder);
  let hasWarned = false;
  return new MemoryJournal({
    onWarning: (message) => {
      if (!hasWarned) console.warn(`pinpack store: ${message}`);
      hasWarned = true;
    },
  });
}

/** The folder of the run; undefined outside of a run. */
export function runFolder({ PINPACK_STORE_RUN }: Environment): string | undefined {
  return PINPACK_STORE_RUN === '' ? undefined : PINPACK_STORE_RUN;
}

/** Reads the journal in a run's folder. Incomplete lines are skipped. */
export async function readRun(folder: string): Promise<{ events: RunEvent[]; warning: string | undefined }> {
  const lines = ((await readIfThere(join(folder, EVENTS))) ?? '').split('\n');
  return { events: lines.flatMap(parseEvent), warning: await readIfThere(join(folder, WARNED)) };
}

function parseEvent(line: string): RunEvent[] {
  const event = parseJson(line, EVENT_SCHEMA);
  return event === undefined ? [] : [event];
}

/** An unreadable journal counts as empty: it must not fail the run. */
async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
