// The application RPMs of one run.
import { relative } from 'node:path';
import type { Store } from '@pinpack/build-store';
import { readApplication, type ApplicationOptions } from '../workspace/read-application.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { applicationProject } from '@pinpack/rpm-packaging';
import { makeApplicationRpm } from './make-application-rpm.js';

export class ApplicationRpmRun {
  private readonly progress: Progress;

  constructor(
    private readonly shared: { root: string; settings: PluginOptions; store: Promise<Store | undefined> },
    count: number,
  ) {
    this.progress = new Progress('rpm', { items: count, bytes: 0 });
  }

  /** @throws DistError, RpmError, PinpackError */
  async make(options: ApplicationOptions): Promise<void> {
    const { root, settings, store } = this.shared;
    const request = readApplication(root, options);
    const { vendor = 'pinpack' } = settings;
    const { path, size, isRestored } = await makeApplicationRpm({ root, request, vendor, store: await store });
    const what = `${relative(root, path)}, ${formatBytes(size)}${isRestored ? ', from the store' : ''}`;
    this.progress.done(`${applicationProject(options.reqset, options.app)}: ${what}`);
  }
}
