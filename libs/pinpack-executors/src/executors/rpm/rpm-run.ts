// The RPMs of one run, which share the progress line.
import { relative } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import pLimit from 'p-limit';
import { pluginOptions } from '../../plugin-options.js';
import { formatBytes, Progress } from '../../progress.js';
import { wheelProject } from '../../reqset/place.js';
import { readPin, type PinOptions } from '../../reqset/read-pin.js';
import { makeRpm } from './make-rpm.js';

export class RpmRun {
  private readonly progress: Progress;
  private readonly reading = pLimit(1);

  constructor(
    private readonly root: string,
    private readonly nxJson: NxJsonConfiguration,
    count: number,
  ) {
    this.progress = new Progress('rpm', { items: count, bytes: 0 });
  }

  /** @throws DistError, RpmError, PinpackError */
  async make(options: PinOptions): Promise<void> {
    const pin = readPin(this.root, options);
    const { vendor = 'pinpack' } = pluginOptions(this.nxJson);
    const { path, size } = await makeRpm({
      root: this.root,
      reqset: options.reqset,
      pin,
      vendor,
      inTurn: this.reading,
    });
    this.progress.advance(size);
    this.progress.done(`${wheelProject(options.reqset, pin.name)}: ${relative(this.root, path)}, ${formatBytes(size)}`);
  }
}
