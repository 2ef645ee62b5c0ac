// The application RPMs of one run.
import { relative } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import { readApplication, type ApplicationOptions } from '../../application/read-application.js';
import { pluginOptions } from '../../plugin-options.js';
import { formatBytes, Progress } from '../../progress.js';
import { applicationProject } from '../../reqset/place.js';
import { makeApplicationRpm } from './make-application-rpm.js';

export class ApplicationRpmRun {
  private readonly progress: Progress;

  constructor(
    private readonly root: string,
    private readonly nxJson: NxJsonConfiguration,
    count: number,
  ) {
    this.progress = new Progress('rpm', { items: count, bytes: 0 });
  }

  /** @throws DistError, RpmError, PinpackError */
  async make(options: ApplicationOptions): Promise<void> {
    const order = readApplication(this.root, options);
    const { vendor = 'pinpack' } = pluginOptions(this.nxJson);
    const { path, size } = await makeApplicationRpm(this.root, order, vendor);
    const project = applicationProject(options.reqset, options.app);
    this.progress.done(`${project}: ${relative(this.root, path)}, ${formatBytes(size)}`);
  }
}
