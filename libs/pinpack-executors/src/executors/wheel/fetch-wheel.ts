// Brings a locked wheel to where it's wanted, by hash: from the store, or once for all reqsets from the index into the store.
import { copyFileAtomically, FolderStore, produceAtomically, storeFolder } from '@pinpack/build-store';
import { IndexClient, readIndexConfiguration, type OnBytes, type WheelFile } from '@pinpack/python-dist';

/** Fetches wheels for one run. The index is asked for only when something is missing. */
export class WheelFetcher {
  private client: Promise<IndexClient> | undefined;

  /** @param store - undefined: every wheel comes from the index */
  constructor(
    private readonly root: string,
    private readonly store: FolderStore | undefined,
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
    const counted = { downloads: 0 };
    const download = async (path: string): Promise<void> => {
      counted.downloads++;
      await (await this.index()).download(name, wheel, path, onBytes);
    };
    if (this.store === undefined) await produceAtomically(destination, download);
    else await copyFileAtomically(await this.store.getOrProduce(wheel.sha256, download), destination);
    if (counted.downloads === 0) onBytes(wheel.size);
    return counted.downloads > 0;
  }

  private index(): Promise<IndexClient> {
    this.client ??= readIndexConfiguration(this.root).then((configuration) => new IndexClient(configuration));
    return this.client;
  }
}

/**
 * The store of a run: `PINPACK_STORE`, else the plugin's option, else a folder of the user's; none with `PINPACK_STORE_MODE=off`.
 *
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export function openStore(
  option: string | undefined,
  environment: Record<string, string | undefined> = process.env,
): FolderStore | undefined {
  if (environment.PINPACK_STORE_MODE === 'off') return undefined;
  return new FolderStore(storeFolder(environment.PINPACK_STORE ?? option, environment));
}
