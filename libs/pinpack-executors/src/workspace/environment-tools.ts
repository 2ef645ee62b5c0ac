// The pins that make an application's environment on the server. They are pins of the reqset like any other, so their trees are wheel RPMs.
import type { Lock } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPaths } from './workspace-paths.js';
import type { Fill } from '@pinpack/rpm-packaging';

/** Versions to name where a reqset has none: those that pinpack is tested with. */
export const SUGGESTED: Readonly<Record<string, string>> = {
  installer: 'installer==1.1.0',
  pip: 'pip==26.3',
  virtualenv: 'virtualenv==21.15.8',
};

/** The tools that an environment needs: names of pins, sorted. */
export function toolsOf(fill: Fill): string[] {
  return fill === 'pip' ? ['installer', 'pip', 'virtualenv'] : ['installer', 'virtualenv'];
}

/** @throws PinpackError `PINPACK_TOOL_MISSING` where the lock has applications, and lacks what makes their environments */
export function checkTools(set: string, { packages, applications }: Pick<Lock, 'packages' | 'applications'>): void {
  const locked = new Set(packages.map(({ name }) => name));
  const needed = new Set(applications.flatMap(({ tools }) => tools));
  const missing = [...needed].filter((tool) => !locked.has(tool)).sort();
  if (missing.length === 0) return;
  const { requirements, project } = reqsetPaths(set);
  throw new PinpackError('PINPACK_TOOL_MISSING', requirements, [
    `lacks ${missing.join(' and ')}, which the environments of its applications are made with: ${applications.map(({ name }) => name).join(', ')}`,
    `Add to ${requirements}, and lock again (nx run ${project}:lock):`,
    ...missing.map((tool) => `  ${SUGGESTED[tool] ?? tool}`),
  ]);
}
