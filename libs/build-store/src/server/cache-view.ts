// Gives Nx's protocol its view of the store: the `nx` entries that a scope may read, and the namespace that it may write. Digest and signature
// are verified before the first byte is sent. After failures the store is not queried for a while: Nx would wait each time.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { removeFile } from '../content/remove-file.js';
import type { ObjectBackend } from '../backends/backend.js';
import { digestOf } from '../content/digest.js';
import { isSameEntry } from '../entry/record.js';
import type { Trust } from '../entry/trust.js';
import type { Namespace } from '../names/object-keys.js';
import { MemoryJournal } from '../store/run-journal.js';
import { Breaker, BREAKER_OPTIONS } from '../store/breaker.js';
import { EntryStore, type NewEntry } from '../store/entry-store.js';
import { Remote } from '../store/remote.js';
import { IN_MEMORY, type PutOptions, type PutOutcome, type StoredArchive } from '../store/store.js';
import type { CacheStore } from './cache-protocol.js';
import { ownNamespace, type Scope } from './scope.js';

export interface CacheViewsOptions {
  backend: ObjectBackend;
  trust: Trust;
  /** An existing folder for temporary files. */
  spool: string;
  /** Called for each failure of the backend and each rejected entry, which are misses to Nx. */
  onFault: (code: string, message: string) => void;
}

const RETRY_AFTER_MS = 10_000;
/** The oldest one is discarded. */
const MOST_NAMESPACES = 1000;

/** The view of an unauthorized caller: an empty, read-only cache, since an error would fail its run. */
export const EMPTY_VIEW: CacheStore = {
  canWrite: false,
  getArchive: () => Promise.resolve(undefined),
  temporaryFile: () => Promise.reject(new Error('read-only')),
  put: () => Promise.reject(new Error('read-only')),
};

export class CacheViews {
  /** Each namespace has its own breaker, so that entries of one branch cannot make the store look broken to others. */
  private readonly remotes = new Map<Namespace, Remote>();

  constructor(private readonly options: CacheViewsOptions) {}

  of(scope: Scope, signal: AbortSignal): CacheStore {
    const own = ownNamespace(scope);
    const remote = this.remoteOf(own ?? 'main');
    return {
      canWrite: own !== undefined,
      getArchive: (key) => this.read(remote, key),
      temporaryFile: () => Promise.resolve(this.temporaryFile()),
      put: (facts, source, given) => write(remote, facts, { ...given, source, signal }),
    };
  }

  private remoteOf(namespace: Namespace): Remote {
    const known = this.remotes.get(namespace);
    if (known !== undefined) return known;
    const { backend, trust, onFault } = this.options;
    let code = '';
    const journal = new MemoryJournal({
      onEvent: ({ from = '' }) => {
        code = from;
      },
      onWarning: (message) => {
        onFault(code, message);
      },
    });
    const breaker = new Breaker(journal, { ...BREAKER_OPTIONS, retryAfterMs: RETRY_AFTER_MS });
    const remote = new Remote(new EntryStore(backend, namespace, trust), breaker, journal);
    this.remotes.set(namespace, remote);
    const [oldest] = this.remotes.keys();
    if (this.remotes.size > MOST_NAMESPACES && oldest !== undefined) this.remotes.delete(oldest);
    return remote;
  }

  private async read(remote: Remote, key: string): Promise<StoredArchive | undefined> {
    const record = await remote.find('nx', key);
    if (record === undefined) return undefined;
    if (record.size <= IN_MEMORY) {
      const content = await remote.readContent(record);
      return content && { record, content, release: () => Promise.resolve() };
    }
    const path = this.temporaryFile();
    const isThere = (await remote.download(record.sha256, record.size, path)) !== undefined;
    return isThere ? { record, content: path, release: () => removeFile(path) } : undefined;
  }

  private temporaryFile(): string {
    return join(this.options.spool, `${randomUUID()}.tmp`);
  }
}

/** Returns when the entry is stored, so that other machines find it. */
async function write(
  remote: Remote,
  facts: Omit<NewEntry, 'sha256' | 'size'>,
  { source, signal, content, takeOwnership = false }: PutOptions & { source: string | Uint8Array; signal: AbortSignal },
): Promise<PutOutcome> {
  try {
    const record = remote.recordOf({ ...facts, ...(content ?? (await digestOf(source))) });
    const outcome = await remote.upload({ record }, source, signal);
    if (outcome === 'created') return 'stored';
    if (outcome !== 'exists') return 'failed';
    const existing = await remote.find(record.kind, record.key);
    return existing !== undefined && isSameEntry(existing, record) ? 'stored' : 'conflict';
  } finally {
    if (takeOwnership && typeof source === 'string') await removeFile(source);
  }
}
