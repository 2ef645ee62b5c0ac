// The RPMs of one run, which share the progress line.
import { relative } from 'node:path';
import type { Store } from '@pinpack/build-store';
import pLimit from 'p-limit';
import type { PluginOptions } from '../../plugin-options.js';
import { formatBytes, Progress } from '../../progress.js';
import { wheelProject } from '../../reqset/place.js';
import { readPin, type PinOptions } from '../../reqset/read-pin.js';
import { makeRpm } from './make-rpm.js';

export class RpmRun {
  private readonly progress: Progress;
  private readonly reading = pLimit(1);

  constructor(
    private readonly shared: { root: string; settings: PluginOptions; store: Promise<Store | undefined> },
    count: number,
  ) {
    this.progress = new Progress('rpm', { items: count, bytes: 0 });
  }

  /** @throws DistError, RpmError, PinpackError */
  async make(options: PinOptions): Promise<void> {
    const { root, settings, store } = this.shared;
    const { vendor = 'pinpack' } = settings;
    const pin = readPin(root, options);
    const order = { root, reqset: options.reqset, pin, vendor, inTurn: this.reading, store: await store };
    const { path, size, isRestored } = await makeRpm(order);
    this.progress.advance(size);
    const what = `${relative(root, path)}, ${formatBytes(size)}${isRestored ? ', from the store' : ''}`;
    this.progress.done(`${wheelProject(options.reqset, pin.name)}: ${what}`);
  }
}
