// The RPMs that an application's image is made from.
import type { RpmFacts } from './rpm-entries.js';

export interface ApplicationRpms {
  own: RpmFacts;
  /** What the environment holds, in the lock's order. */
  wheels: RpmFacts[];
}

/** As images name architectures, and where every RPM is `noarch` that of this machine, whose programs can be run. */
export function imageArchitecture(rpms: readonly RpmFacts[], machine: string = process.arch): string {
  const names: Readonly<Record<string, string>> = {
    ...{ x86_64: 'amd64', aarch64: 'arm64', x64: 'amd64' },
    // Node has one name for both byte orders, and runs on the little one alone.
    ppc64: 'ppc64le',
  };
  const found = rpms.find(({ architecture }) => architecture !== 'noarch')?.architecture ?? machine;
  return names[found] ?? found;
}
