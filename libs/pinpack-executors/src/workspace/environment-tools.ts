// Checks that a lock contains the tools that make an application's environment on the server. They are pins of the reqset, so they are delivered as wheel RPMs.
import type { Lock } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPaths } from './workspace-paths.js';
import type { Fill } from '@pinpack/rpm-packaging';

/** Versions to suggest if a reqset lacks a tool: those that pinpack is tested with. */
export const SUGGESTED: Readonly<Record<string, string>> = {
  installer: 'installer==1.1.0',
  pip: 'pip==26.3',
  virtualenv: 'virtualenv==21.15.8',
};

/** The names of the pins that make an environment, sorted. */
export function toolsOf(fill: Fill): string[] {
  return fill === 'pip' ? ['installer', 'pip', 'virtualenv'] : ['installer', 'virtualenv'];
}

/** @throws PinpackError `PINPACK_TOOL_MISSING` if the lock has applications but lacks the tools of their environments */
export function checkTools(set: string, { packages, applications }: Pick<Lock, 'packages' | 'applications'>): void {
  const locked = new Set(packages.map(({ name }) => name));
  const needed = new Set(applications.flatMap(({ tools }) => tools));
  const missing = [...needed].filter((tool) => !locked.has(tool)).sort();
  if (missing.length === 0) return;
  const { requirements, project } = reqsetPaths(set);
  throw new PinpackError('PINPACK_TOOL_MISSING', requirements, [
    `lacks ${missing.join(' and ')}, which the environments of its applications need: ${applications.map(({ name }) => name).join(', ')}`,
    `Add these lines to ${requirements} and lock again (nx run ${project}:lock):`,
    ...missing.map((tool) => `  ${SUGGESTED[tool] ?? tool}`),
  ]);
}
