// Brings a locked wheel to where it's wanted, by hash: from the store, or once for all reqsets from the index into the store.
import {
  copyFileAtomically,
  openJournal,
  openStore,
  produceAtomically,
  StoreError,
  type Store,
} from '@pinpack/build-store';
import { IndexClient, readIndexConfiguration, type OnBytes, type WheelFile } from '@pinpack/python-dist';

/** How long a run that nobody uploads for waits for its uploads. What is left, the next run uploads. */
const UPLOAD_DEADLINE_MS = 60_000;

/** Fetches wheels for one run. The index is asked for only when something is missing. */
export class WheelFetcher {
  private client: Promise<IndexClient> | undefined;

  /** @param store - undefined: every wheel comes from the index */
  constructor(
    private readonly root: string,
    private readonly store: Promise<Store | undefined>,
  ) {}

  /**
   * @param name - PEP 503 name
   * @returns whether it came from the index, and not from the store
   * @throws DistError `INDEX_*`
   */
  async fetch(
    name: string,
    wheel: WheelFile,
    destination: string,
    onBytes: OnBytes = () => undefined,
  ): Promise<boolean> {
    const download = async (path: string): Promise<void> => {
      await (await this.index()).download(name, wheel, path, onBytes);
    };
    const store = await this.store;
    if (store === undefined) {
      await produceAtomically(destination, download);
      return true;
    }
    const { path, from } = await store.getOrProduce(wheel.sha256, download);
    await copyFileAtomically(path, destination);
    if (from !== 'produced') onBytes(wheel.size);
    return from === 'produced';
  }

  async close(): Promise<void> {
    const store = await this.store;
    await store?.flush(UPLOAD_DEADLINE_MS);
    await store?.close();
  }

  private index(): Promise<IndexClient> {
    this.client ??= readIndexConfiguration(this.root).then((configuration) => new IndexClient(configuration));
    return this.client;
  }
}

/** The store that options and environment name; none, with a warning, where they are wrong: the cache never breaks a build. */
export async function openStoreOfRun(
  options: { store?: string; publicKeys?: string[] },
  environment: Record<string, string | undefined> = process.env,
): Promise<Store | undefined> {
  try {
    return await openStore({ url: options.store, publicKeys: options.publicKeys, environment });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    await openJournal(environment).warn(`${error.message}\n  The run goes on without a store.`);
    return undefined;
  }
}
