// Checks that names of projects and of systemd units are unique. Labels and names are joined by `-`, which each of them may contain. Nx rejects duplicate
// projects too, but its message names neither the two owners nor a remedy.
import type { ProjectConfiguration } from '@nx/devkit';
import { applicationProject, applicationUnitNames, setLabel, type ApplicationRequest } from '@pinpack/rpm-packaging';
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

/**
 * Compares the units of all applications: `web-worker.service` is the service `worker` of the application `web`, and that of the application `web-worker`.
 * A server could install only one of the two.
 *
 * @throws PinpackError `PINPACK_NAMES_CLASH` with every duplicate name
 */
export function checkUnits(requests: readonly ApplicationRequest[]): void {
  const known = new Map<string, string>();
  const issues: string[] = [];
  for (const { reqset, application, settings } of requests) {
    const name = applicationProject(reqset, application.name);
    for (const unit of applicationUnitNames(settings, { name, reqset: setLabel(reqset) })) {
      const other = known.get(unit);
      if (other === undefined) known.set(unit, name);
      else issues.push(`${unit} is a unit of ${other}, and of ${name} too`);
    }
  }
  if (issues.length === 0) return;
  throw new PinpackError('PINPACK_NAMES_CLASH', 'apps', [
    `${issues.length === 1 ? 'two units' : 'units'} of systemd would have the same name`,
    ...issues,
    'Rename the service in [tool.pinpack.services] or in [tool.pinpack] units, or one of the applications.',
  ]);
}

function describe({ root, metadata }: ProjectConfiguration): string {
  return metadata?.description === undefined ? root : `${metadata.description} (${root})`;
}
