// The manifest of an application, /opt/<name>/application.json: the input from which pinpack-runtime creates the environment.
import type { Application } from '@pinpack/python-dist';
import { applicationProject, setLabel } from '../names/rpm-names.js';
import type { CanonicalFacts } from '../wheel-rpm/canonical-facts.js';
import { pythonProgram } from '../names/python-names.js';
import { wheelRpmPaths } from '../wheel-rpm/wheel-rpm-paths.js';
import { applicationUnitActions, hasMigration } from './application-units.js';
import { orderWheels } from './order-wheels.js';
import type { ApplicationSettings, Fill } from './application-settings.js';

export interface ManifestWheel {
  name: string;
  version: string;
  distInfo: string;
  /** The folder of the unpacked wheel, in layout `tree`. */
  tree?: string;
  /** The wheel as one file, in layout `stored`. */
  stored?: string;
  /** The canonical wheel's path. */
  wheel: string;
  /** Of the canonical wheel, in hex. */
  sha256: string;
}

export interface Manifest {
  format: 1;
  /** Of the RPM. */
  name: string;
  reqset: string;
  /** Minor version: `3.11`. */
  python: string;
  /** The Python that the set brings along; absent for the system's. */
  interpreter?: string;
  fill: Fill;
  /** Only if bytecode is delivered: it changes the environment's id, so an upgrade recreates the environment. */
  bytecode?: true;
  /** Absent if environments share files with wheel RPMs. */
  shareFiles?: false;
  /** Absent for layout `tree`. */
  layout?: 'stored';
  /**
   * Only if the application migrates its data: all its units. While one of them is active, an upgrade switches to the new environment only after the
   * migration.
   */
  migrateWhileActive?: string[];
  /** The environment's content, see `orderWheels`. */
  wheels: ManifestWheel[];
}

/** @param facts - of each of the application's wheels, by the pin's name */
export function planManifest(
  reqset: string,
  application: Application,
  settings: Pick<ApplicationSettings, 'fill' | 'shareFiles' | 'overlaps' | 'services' | 'unitFiles'>,
  facts: ReadonlyMap<string, CanonicalFacts>,
): Manifest {
  const { fill, shareFiles, overlaps = [] } = settings;
  const isStored = application.layout === 'stored';
  const places = { name: applicationProject(reqset, application.name), reqset: setLabel(reqset) };
  return {
    format: 1,
    ...places,
    python: application.python,
    ...(application.interpreter !== undefined && { interpreter: pythonProgram(reqset, application.python) }),
    fill,
    ...(application.bytecode && { bytecode: true }),
    ...(shareFiles === false && { shareFiles }),
    ...(isStored && { layout: 'stored' }),
    ...(hasMigration(settings) && { migrateWhileActive: applicationUnitActions(settings, places)?.enable ?? [] }),
    wheels: orderWheels(application.wheels, [...(application.overlaps ?? []), ...overlaps]).map(({ name, version }) => {
      const known = facts.get(name);
      if (known === undefined) throw new RangeError(`nothing is known of the wheel of ${name}`);
      const { distInfo, sha256, wheel: file } = known;
      const { tree, wheel, stored } = wheelRpmPaths(reqset, name, file);
      return { name, version, distInfo, ...(isStored ? { stored } : { tree }), wheel, sha256 };
    }),
  };
}

/** The same bytes for the same manifest: keys sorted. The environment's id is a digest of them. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, sortKeys, 2)}\n`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
