// Paths of SBOMs and notices, relative to the workspace's root.
import { setLabel } from '@pinpack/rpm-packaging';

export interface SbomPaths {
  cyclonedx: string;
  spdx: string;
  notice: string;
}

/** They have no version, so each run replaces the last ones. @param project - of the reqset or the application */
export function sbomPaths(set: string, project: string): SbomPaths {
  const base = `dist/sbom/${setLabel(set)}/${project}`;
  return { cyclonedx: `${base}.cdx.json`, spdx: `${base}.spdx.json`, notice: `${base}.NOTICE.txt` };
}
