/** A minimal RPM for specs. */
import { DEFAULT_MTIME, type RpmSpec } from '@pinpack/rpm-gen';

export function minimalSpec(name: string): RpmSpec {
  return {
    name,
    version: '1',
    release: '1',
    architecture: 'noarch',
    summary: name,
    description: name,
    license: 'MIT',
    buildTime: DEFAULT_MTIME,
    buildHost: 'pinpack',
    scriptlets: {},
    changelog: [],
  };
}
