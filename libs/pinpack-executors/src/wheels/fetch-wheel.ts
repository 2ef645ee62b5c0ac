// Fetches locked wheels by hash from the store, or from the index into the store.
import { copyFileAtomically, produceAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { IndexClient, readIndexConfiguration, type Limits, type OnBytes, type WheelFile } from '@pinpack/python-dist';

/** Fetches the wheels of one run. Opens the index only if the store lacks a wheel. */
export class WheelFetcher {
  private client: Promise<IndexClient> | undefined;

  /** @param store - without one, every wheel comes from the index */
  constructor(
    private readonly root: string,
    private readonly store: Promise<Store | undefined>,
    private readonly limits: Limits,
  ) {}

  /**
   * @param name - PEP 503 name
   * @returns whether the wheel came from the index
   * @throws DistError `DIST_INDEX_*`
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

  private index(): Promise<IndexClient> {
    this.client ??= readIndexConfiguration(this.root).then((configuration) =>
      IndexClient.of(configuration, { limits: this.limits, root: this.root }),
    );
    return this.client;
  }
}
