// Makes the verified wheel of a pin in dist/wheels: fetches locked wheels from the store or the index, and builds source pins.
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { sha256OfFile } from '@pinpack/common/digest';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { readLockedFile, wheelPattern, type BuiltSource, type Pin, type WheelFile } from '@pinpack/python-dist';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { pruneOthers } from '@pinpack/common/prune-others';
import type { RunContext } from '../tasks/run-executor.js';
import { recordOrigin } from '../tasks/task-origins.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { wheelProject } from '@pinpack/rpm-packaging';
import { readPin, type PinOptions } from '../workspace/read-pin.js';
import { WheelFetcher } from './fetch-wheel.js';
import { WheelBuilder } from './wheel-builder.js';

/** Makes the wheels of one run, which share the store, the index and the progress line. */
export class WheelMaker {
  private readonly fetcher: WheelFetcher;
  private readonly builder: WheelBuilder;
  private readonly progress: Progress;
  private readonly root: string;

  constructor(run: RunContext, pins: PinOptions[]) {
    const { root, store, settings } = run;
    this.root = root;
    this.fetcher = new WheelFetcher(root, store, settings);
    this.builder = new WheelBuilder(run, this.fetcher);
    this.progress = new Progress('wheel', { items: pins.length, bytes: sizeOf(root, pins) });
  }

  /** @throws DistError, PinpackError, StoreError */
  async make(options: PinOptions): Promise<void> {
    const pin = readPin(this.root, options);
    await this.progress.during(wheelProject(options.reqset, pin.name), () => this.makeFrom(options, pin));
  }

  private async makeFrom(options: PinOptions, pin: Pin): Promise<void> {
    const { source } = pin;
    if (source.kind === 'wheel') await this.fetch(options, source.wheel);
    else if (source.kind === 'prebuilt') await this.copy(options, source);
    else await this.build(options, pin, source);
  }

  private async fetch({ reqset, pin: name }: PinOptions, wheel: WheelFile): Promise<void> {
    const folder = join(this.root, reqsetPaths(reqset).wheels);
    const path = join(folder, wheel.name);
    // Nx does not cache downloaded wheels, so the task also runs if there is nothing to do.
    const isThere = (await sha256OfFile(path).catch(undefinedIfAbsent)) === wheel.sha256;
    const from = isThere ? 'already there' : await this.download(reqset, name, wheel);
    await pruneOthers(folder, wheel.name, wheelPattern(name));
    this.progress.done(`${wheelProject(reqset, name)}: ${from}, ${formatBytes(wheel.size)}`);
  }

  private async download(reqset: string, name: string, wheel: WheelFile): Promise<string> {
    const path = join(this.root, reqsetPaths(reqset).wheels, wheel.name);
    const isDownloaded = await this.fetcher.fetch(name, wheel, path, (bytes) => {
      this.progress.advance(bytes);
    });
    recordOrigin({ task: `${wheelProject(reqset, name)}:wheel`, origin: isDownloaded ? 'index' : 'remote' });
    return isDownloaded ? 'downloaded' : 'from the store';
  }

  private async copy({ reqset, pin: name }: PinOptions, { path, wheel }: PrebuiltSource): Promise<void> {
    const folder = join(this.root, reqsetPaths(reqset).wheels);
    const data = await readLockedFile(this.root, { path, sha256: wheel.sha256 });
    await writeFileAtomically(join(folder, wheel.name), [data]);
    await pruneOthers(folder, wheel.name, wheelPattern(name));
    this.progress.done(`${wheelProject(reqset, name)}: copied from ${path}, ${formatBytes(wheel.size)}`);
  }

  private async build({ reqset }: PinOptions, pin: Pin, source: BuiltSource): Promise<void> {
    const { wheels, logs } = reqsetPaths(reqset);
    const project = wheelProject(reqset, pin.name);
    const started = Date.now();
    const isRestored = await this.builder.build({ reqset, pin, source, wheels, log: `${logs}/${project}.log` });
    const from = source.kind === 'sdist' ? source.sdist.name : source.path;
    const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
    this.progress.done(`${project}: ${isRestored ? 'from the store' : `built from ${from}`} in ${took}`);
  }
}

type PrebuiltSource = Extract<Pin['source'], { kind: 'prebuilt' }>;

/** The bytes to fetch. A pin that cannot be read counts as 0; its own task reports the error. */
function sizeOf(root: string, pins: PinOptions[]): number {
  return pins.reduce((sum, pin) => {
    try {
      const { source } = readPin(root, pin);
      return source.kind === 'wheel' ? sum + source.wheel.size : sum;
    } catch {
      return sum;
    }
  }, 0);
}
