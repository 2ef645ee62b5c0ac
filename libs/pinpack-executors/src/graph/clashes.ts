// Checks that project names are unique. Labels and names are joined by `-`, which each of them may contain. Nx rejects duplicates too, but its message names
// neither the two owners nor a remedy.
import type { ProjectConfiguration } from '@nx/devkit';
import { PinpackError } from '../pinpack-error.js';

/** @throws PinpackError `PINPACK_NAMES_CLASH` with every duplicate name */
export function checkNames(projects: readonly ProjectConfiguration[]): void {
  const known = new Map<string, ProjectConfiguration>();
  const issues: string[] = [];
  for (const project of projects) {
    const { name = '' } = project;
    const other = known.get(name) ?? project;
    known.set(name, other);
    if (other.root !== project.root) issues.push(`${name} is ${describe(other)}, and ${describe(project)} too`);
  }
  if (issues.length === 0) return;
  throw new PinpackError('PINPACK_NAMES_CLASH', 'reqsets', [
    `${issues.length === 1 ? 'two projects' : 'projects'} and RPMs would have the same name`,
    ...issues,
    'Rename one of the two.',
  ]);
}

function describe({ root, metadata }: ProjectConfiguration): string {
  return metadata?.description === undefined ? root : `${metadata.description} (${root})`;
}
