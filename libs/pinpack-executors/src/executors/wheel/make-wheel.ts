// The target `wheel`: the pin's wheel in dist/wheels, verified. A locked wheel comes from the store or the index, a source tree is built.
import { join } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import type { BuildRequirement, Pin, PinSource, WheelFile } from '@pinpack/python-dist';
import { pluginOptions } from '../../plugin-options.js';
import { formatBytes, Progress } from '../../progress.js';
import { pruneOthers, wheelPattern } from '../../prune.js';
import { reqsetPlace, wheelProject } from '../../reqset/place.js';
import { readPin, type PinOptions } from '../../reqset/read-pin.js';
import { buildWheel } from './build-wheel.js';
import { openStoreOfRun, WheelFetcher } from './fetch-wheel.js';

/** Makes the wheels of one run, which share the store, the index and the progress line. */
export class WheelMaker {
  private readonly fetcher: WheelFetcher;
  private readonly progress: Progress;

  constructor(
    private readonly root: string,
    nxJson: NxJsonConfiguration,
    orders: PinOptions[],
  ) {
    this.fetcher = new WheelFetcher(root, openStoreOfRun(pluginOptions(nxJson)));
    this.progress = new Progress('wheel', { items: orders.length, bytes: sizeOf(root, orders) });
  }

  /** @throws DistError, PinpackError, StoreError */
  async make(options: PinOptions): Promise<void> {
    const pin = readPin(this.root, options);
    const { source } = pin;
    if (source.kind === 'wheel') await this.fetch(options, source.wheel);
    else await this.build(options, pin, source);
  }

  async close(): Promise<void> {
    await this.fetcher.close();
  }

  private async fetch({ reqset, pin: name }: PinOptions, wheel: WheelFile): Promise<void> {
    const folder = join(this.root, reqsetPlace(reqset).wheels);
    const isDownloaded = await this.fetcher.fetch(name, wheel, join(folder, wheel.name), (bytes) => {
      this.progress.advance(bytes);
    });
    await pruneOthers(folder, wheel.name, wheelPattern(name));
    this.progress.done(
      `${wheelProject(reqset, name)}: ${isDownloaded ? 'downloaded' : 'from the store'}, ${formatBytes(wheel.size)}`,
    );
  }

  private async build(
    { reqset }: PinOptions,
    pin: Pin,
    source: Extract<PinSource, { kind: 'directory' }>,
  ): Promise<void> {
    const { wheels, logs } = reqsetPlace(reqset);
    const project = wheelProject(reqset, pin.name);
    const started = Date.now();
    const provide = async ({ name, wheel }: BuildRequirement, path: string): Promise<void> => {
      await this.fetcher.fetch(name, wheel, path);
    };
    await buildWheel({ ...source, root: this.root, pin, provide, wheels, log: `${logs}/${project}.log` });
    this.progress.done(`${project}: built from ${source.path} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
}

/** Bytes that the orders will bring; what can't be read yet is told when its turn comes. */
function sizeOf(root: string, orders: PinOptions[]): number {
  return orders.reduce((sum, order) => {
    try {
      const { source } = readPin(root, order);
      return source.kind === 'wheel' ? sum + source.wheel.size : sum;
    } catch {
      return sum;
    }
  }, 0);
}
