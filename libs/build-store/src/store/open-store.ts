// Opens the store that options and environment select. Network clients are loaded on demand: the project graph loads this package, too.
import { FolderBackend } from '../backends/folder-backend.js';
import type { ObjectBackend } from '../backends/backend.js';
import { MachineKey } from '../entry/machine-key.js';
import { isBelievedSigner } from '../entry/signature.js';
import { readTrust, type Trust } from '../entry/trust.js';
import { describeLocation, identityOfLocation, type StoreLocation } from '../names/store-url.js';
import { Breaker, BREAKER_OPTIONS } from './breaker.js';
import { EntryStore } from './entry-store.js';
import { Leases } from './leases.js';
import { LocalFolder } from './local-folder.js';
import { LocalRecords } from './local-records.js';
import { Outbox } from './outbox.js';
import { planStore, type Environment, type StoreMode, type StorePlan } from './plan-store.js';
import { LIMITS, Remote, type Limits } from './remote.js';
import { openJournal, runFolder, type RunJournal } from './run-journal.js';
import { RunReports } from './run-reports.js';
import { SharedStore } from './shared-store.js';
import type { Store } from './store.js';
import { Uploader } from './uploader.js';
import { StoreError } from '../store-error.js';

export interface StoreOptions {
  /** The plugin's option `store`, which `PINPACK_STORE` overrides. Default: the user's local folder. */
  url?: string | undefined;
  /** `PINPACK_STORE_MODE` overrides it. Default: `read` for a remote outside of CI, otherwise `read-write`. */
  mode?: StoreMode | undefined;
  environment: Environment;
  /** PEM or base64 of the DER, in addition to those of `PINPACK_STORE_PUBLIC_KEYS`. */
  publicKeys?: readonly string[] | undefined;
  /** Default: the journal of the run (`PINPACK_STORE_RUN`), or one in memory that prints its warning to stderr. */
  journal?: RunJournal | undefined;
  /**
   * Whether this process uploads its own puts and those of other processes of the run. Default: only outside of a run (`PINPACK_STORE_RUN`),
   * which has a process for uploads.
   */
  isUploader?: boolean | undefined;
  /** Time until the next attempt after failures, for servers. Default: no further attempt in this run. */
  retryAfterMs?: number | undefined;
}

/**
 * @returns undefined with the mode `off`
 * @throws StoreError `STORE_LOCATION_INVALID`, `STORE_KEY_INVALID`: mistakes of the user, before any request
 */
export async function openStore(options: StoreOptions): Promise<Store | undefined> {
  const { environment } = options;
  const plan = planStore(options.url, options.mode, environment);
  if (plan.mode === 'off') return undefined;
  const journal = options.journal ?? openJournal(environment);
  const { location, namespace } = plan;
  const trust = await readTrust(options.publicKeys ?? [], environment);
  if (location === undefined) {
    const { local } = await openLocalFolder(plan, trust, journal);
    return new SharedStore({ label: plan.localFolder, local, journal, localKinds: ['wheel', 'rpm'] });
  }
  if (location.kind === 'folder' && plan.mode === 'read-write') {
    const local = new LocalFolder(location.folder, namespace, { trust });
    const leases = usesLeases(environment) ? new Leases(new FolderBackend(location.folder), plan.namespace) : undefined;
    return new SharedStore({ label: location.folder, local, journal, localKinds: ['nx', 'wheel', 'rpm'], leases });
  }
  const backend = await openBackend(location, environment);
  return assembleStore(backend, { ...plan, location }, { ...options, trust, journal });
}

/** The reports of runs in the configured store; undefined with the mode `off`, and without a store that others can read. */
export async function openRunReports({
  url,
  mode,
  environment,
}: Pick<StoreOptions, 'url' | 'mode' | 'environment'>): Promise<RunReports | undefined> {
  const plan = planStore(url, mode, environment);
  if (plan.mode === 'off' || plan.location === undefined) return undefined;
  return new RunReports(await openBackend(plan.location, environment), plan.namespace);
}

/** Opens the user's own folder, with the key that authenticates its entries. */
async function openLocalFolder(
  { localFolder, namespace, keyFile, location }: StorePlan,
  trust: Trust,
  journal: RunJournal,
): Promise<{ local: LocalFolder; key: MachineKey }> {
  const key = await MachineKey.open(keyFile).catch(async (error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    await journal.warn(error.message);
    return MachineKey.temporary();
  });
  const records = new LocalRecords(key, trust, location && identityOfLocation(location));
  return { local: new LocalFolder(localFolder, namespace, { records }), key };
}

/** Combines the local folder with a remote store. */
export async function assembleStore(
  backend: ObjectBackend,
  plan: StorePlan & { location: StoreLocation },
  options: StoreOptions & { trust: Trust; journal: RunJournal; limits?: Limits },
): Promise<Store> {
  const { journal, environment, trust, retryAfterMs, limits = LIMITS } = options;
  const { location, namespace, localFolder } = plan;
  const { local, key } = await openLocalFolder(plan, trust, journal);
  const breaker = new Breaker(journal, { ...BREAKER_OPTIONS, retryAfterMs });
  const remote = new Remote(new EntryStore(backend, namespace, trust), breaker, journal, limits);
  const outbox =
    plan.mode === 'read-write'
      ? new Outbox(localFolder, `${identityOfLocation(location)} ${namespace}`, key)
      : undefined;
  const uploadsEntries = isBelievedSigner(trust.signingKey, trust.publicKeys);
  const isUploader = options.isUploader ?? runFolder(environment) === undefined;
  const uploader = outbox && isUploader ? new Uploader(outbox, remote, journal) : undefined;
  if (runFolder(environment) !== undefined) await uploader?.watch();
  return new SharedStore({
    label: describeLocation(location),
    local,
    journal,
    localKinds: ['wheel', 'rpm'],
    remote,
    outbox,
    uploader,
    uploadsEntries,
    leases: outbox && uploadsEntries && usesLeases(environment) ? new Leases(backend, namespace) : undefined,
    // A pull request has no access to the signing key.
    warnsUnsigned: namespace === 'main',
  });
}

/** Set by runs that share their work with others at the same time, such as the shards of a pipeline. */
function usesLeases({ PINPACK_STORE_LEASES }: Environment): boolean {
  return PINPACK_STORE_LEASES === 'on';
}

export async function openBackend(location: StoreLocation, environment: Environment): Promise<ObjectBackend> {
  switch (location.kind) {
    case 'folder':
      return new FolderBackend(location.folder);
    case 's3': {
      const { S3Backend } = await import('../backends/s3-backend.js');
      return new S3Backend(location, { environment });
    }
    case 'http': {
      const { HttpBackend } = await import('../backends/http-backend.js');
      return new HttpBackend(location, environment.PINPACK_STORE_TOKEN);
    }
  }
}
