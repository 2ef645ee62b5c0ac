// The RPMs that an application's image is made from.
import { architectureName } from '@pinpack/oci-image';
import type { RpmFacts } from './rpm-entries.js';

export interface ApplicationRpms {
  own: RpmFacts;
  /** What the environment holds, in the lock's order. */
  wheels: RpmFacts[];
}

/** As images name architectures, and where every RPM is `noarch` that of this machine, whose programs can be run. */
export function imageArchitecture(rpms: readonly RpmFacts[]): string {
  return architectureName(rpms.find(({ architecture }) => architecture !== 'noarch')?.architecture);
}
