// What happened in a run, for its summary, shared by all of the run's processes through a folder (`PINPACK_STORE_RUN`); by itself, a process
// keeps it in memory. One warning a run: the first.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryKind } from '../names/object-keys.js';
import type { Environment } from './plan-store.js';

export interface StoreEvent {
  event: 'hit' | 'miss' | 'built' | 'uploaded' | 'refused' | 'fault';
  /** `content`: asked for by its digest. */
  kind: EntryKind | 'content';
  /** The sha256 of `content`. */
  key: string;
  /** A file name; empty for Nx's archives. */
  name: string;
  bytes: number;
  ms: number;
  /** Where a hit is from, or what a fault was. */
  from?: string;
}

/** As the run's folder has it. */
export interface RunEvent extends StoreEvent {
  /** When it ended, in milliseconds since 1970. */
  at: number;
}

/** What is decided once for a run: `open`, that the store isn't asked again; `read-only`, that nothing is put again. */
export type Latch = 'open' | 'read-only';

export interface RunJournal {
  record(event: StoreEvent): Promise<void>;
  /** Told to people once for the run. */
  warn(message: string): Promise<void>;
  set(latch: Latch): Promise<void>;
  clear(latch: Latch): Promise<void>;
  isSet(latch: Latch): Promise<boolean>;
}

const EVENTS = 'events.jsonl';
const WARNED = 'warned';

/** The journal of one process. */
export class MemoryJournal implements RunJournal {
  readonly events: StoreEvent[] = [];
  readonly warnings: string[] = [];
  private readonly latches = new Set<Latch>();

  /** @param tell - shows the warning */
  constructor(private readonly tell: (message: string) => void = () => undefined) {}

  record(event: StoreEvent): Promise<void> {
    this.events.push(event);
    return Promise.resolve();
  }

  warn(message: string): Promise<void> {
    this.warnings.push(message);
    if (this.warnings.length === 1) this.tell(message);
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

/** The journal of all processes of a run. Who opened the run shows its warning: what a task prints, Nx would print again at each hit. */
export class FolderJournal implements RunJournal {
  /** @param folder - absolute; made when something happens */
  constructor(private readonly folder: string) {}

  async record(event: StoreEvent): Promise<void> {
    // One small write at the end of the file: lines of several processes don't mix.
    await this.attempt(() =>
      appendFile(join(this.folder, EVENTS), `${JSON.stringify({ ...event, at: Date.now() } satisfies RunEvent)}\n`),
    );
  }

  async warn(message: string): Promise<void> {
    await this.attempt(() => writeFile(join(this.folder, WARNED), message, { flag: 'wx' }));
  }

  async set(latch: Latch): Promise<void> {
    await this.attempt(() => writeFile(join(this.folder, latch), ''));
  }

  /** Not for the others: what one process finds well again, it alone does. */
  clear(): Promise<void> {
    return Promise.resolve();
  }

  async isSet(latch: Latch): Promise<boolean> {
    return (await readIfThere(join(this.folder, latch))) !== undefined;
  }

  /** The journal is told to people; where it can't be written, the work goes on. */
  private async attempt(write: () => Promise<void>): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      await write();
    } catch {
      // A run's folder that is gone or full changes no result.
    }
  }
}

/** The run's, `PINPACK_STORE_RUN`; without one, this process's own with its warning on stderr. */
export function openJournal(environment: Environment): RunJournal {
  const folder = runFolder(environment);
  if (folder !== undefined) return new FolderJournal(folder);
  return new MemoryJournal((message) => {
    console.warn(`pinpack store: ${message}`);
  });
}

/** undefined outside of a run. */
export function runFolder({ PINPACK_STORE_RUN }: Environment): string | undefined {
  return PINPACK_STORE_RUN === '' ? undefined : PINPACK_STORE_RUN;
}

/** What is in a run's folder so far; a line that was cut off is left out. */
export async function readRun(folder: string): Promise<{ events: RunEvent[]; warning: string | undefined }> {
  const lines = ((await readIfThere(join(folder, EVENTS))) ?? '').split('\n');
  return { events: lines.flatMap(parseEvent), warning: await readIfThere(join(folder, WARNED)) };
}

function parseEvent(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
