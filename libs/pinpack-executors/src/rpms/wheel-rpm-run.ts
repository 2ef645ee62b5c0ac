// The RPMs of one run, which share the progress line.
import { relative } from 'node:path';
import type { Store } from '@pinpack/build-store';
import pLimit from 'p-limit';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { wheelProject } from '@pinpack/rpm-packaging';
import { readPin, type PinOptions } from '../workspace/read-pin.js';
import { makeWheelRpm } from './make-wheel-rpm.js';

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
    const { path, size, isRestored } = await makeWheelRpm(order);
    this.progress.advance(size);
    const what = `${relative(root, path)}, ${formatBytes(size)}${isRestored ? ', from the store' : ''}`;
    this.progress.done(`${wheelProject(options.reqset, pin.name)}: ${what}`);
  }
}

/** Bytes; 0 if the wheel is built from source or the pin cannot be read, which its own task reports. */
export function wheelSize(root: string, options: PinOptions | undefined): number {
  try {
    const source = options && readPin(root, options).source;
    return source?.kind === 'wheel' ? source.wheel.size : 0;
  } catch {
    return 0;
  }
}
