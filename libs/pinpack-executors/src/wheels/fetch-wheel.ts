// Fetches locked wheels by hash from the store, or from the index into the store.
import { copyFileAtomically, produceAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { IndexClient, readIndexConfiguration, type OnBytes, type WheelFile } from '@pinpack/python-dist';
import { limitsOf, type PluginOptions } from '../workspace/plugin-options.js';

/** Fetches the wheels of one run. Opens the index only if the store lacks a wheel. */
export class WheelFetcher {
  private client: Promise<IndexClient> | undefined;

  /** @param store - without one, every wheel comes from the index */
  constructor(
    private readonly root: string,
    private readonly store: Promise<Store | undefined>,
    private readonly settings: Pick<PluginOptions, 'limits' | 'mirror'>,
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
    const found = await this.fromStore(name, wheel, onBytes);
    if (found === undefined) await this.toFile(name, wheel, destination, onBytes);
    else await copyFileAtomically(found.path, destination);
    return found?.from !== 'store';
  }

  /**
   * Like `fetch`, without a copy if there is a store: the wheel is read in place.
   *
   * @param destination - of the wheel if there is no store
   * @returns the path of the wheel, whose name may be another one
   */
  async open(name: string, wheel: WheelFile, destination: string, onBytes: OnBytes = () => undefined): Promise<string> {
    const found = await this.fromStore(name, wheel, onBytes);
    if (found !== undefined) return found.path;
    await this.toFile(name, wheel, destination, onBytes);
    return destination;
  }

  private async fromStore(
    name: string,
    wheel: WheelFile,
    onBytes: OnBytes,
  ): Promise<{ path: string; from: 'store' | 'index' } | undefined> {
    const { mirror = 'private' } = this.settings;
    let isMirrored = mirror === 'all';
    const store = await this.store;
    const download = async (path: string): Promise<void> => {
      const { isPrivate } = await (await this.index()).download(name, wheel, path, onBytes);
      isMirrored ||= mirror === 'private' && isPrivate;
    };
    const found = await store?.getOrProduce(wheel.sha256, download, {
      isUploaded: () => isMirrored,
      verifiedSize: wheel.size,
      isRarelyStored: () => this.isOnPublicIndex(wheel),
    });
    if (found === undefined) return undefined;
    if (found.from !== 'produced') onBytes(wheel.size);
    return { path: found.path, from: found.from === 'produced' ? 'index' : 'store' };
  }

  /** With the default of `mirror` the remote store does not get such a wheel, so asking for it would cost each run a request. */
  private async isOnPublicIndex({ origin }: WheelFile): Promise<boolean> {
    if ((this.settings.mirror ?? 'private') === 'all' || origin !== undefined) return false;
    // Without an index the store is the only source.
    return this.index().then(
      (index) => !index.hasPrivateIndex,
      () => false,
    );
  }

  private async toFile(name: string, wheel: WheelFile, destination: string, onBytes: OnBytes): Promise<void> {
    await produceAtomically(destination, async (path) => {
      await (await this.index()).download(name, wheel, path, onBytes);
    });
  }

  private index(): Promise<IndexClient> {
    this.client ??= readIndexConfiguration(this.root).then((configuration) =>
      IndexClient.of(configuration, { limits: limitsOf(this.settings), root: this.root }),
    );
    return this.client;
  }
}
