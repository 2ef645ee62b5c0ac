// Determines the edges between pins: which requirements of which pin are active.
import type { LockInputs } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import { activeRequirements, type ActiveRequirements } from '../uv/evaluate.js';
import type { Chosen } from './chosen.js';
import { allRequirements, requiresDistOf } from './direct-requirements.js';
import { readRequiresDist, type MetadataTools } from './requires-dist.js';
import type { ResolvedPins } from './resolve-pins.js';
import type { Uv } from '../uv/uv.js';

/** Stands for the reqset, which requires what its requirements say. */
export const ROOT = '';

/** Stands for the dependency groups of an application. No distribution can have such a name. */
export function groupsOf(application: string): string {
  return `[${application}]`;
}

export interface PinsOfLock extends Pick<ResolvedPins, 'sources' | 'prebuilt'> {
  chosen: Chosen[];
}

/** Requires-Dist by the names of pins, source trees, `ROOT` and `groupsOf`. */
export type RequiresDist = Record<string, string[]>;

/** @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*` */
export async function gatherRequirements(
  tools: MetadataTools,
  inputs: LockInputs,
  { chosen, sources, prebuilt }: PinsOfLock,
): Promise<RequiresDist> {
  const gathered = await readRequiresDist(tools, chosen);
  for (const pin of [...sources, ...prebuilt]) gathered[pin.name] = pin.requiresDist;
  for (const tree of inputs.sources) gathered[normalizeName(tree.name)] = requiresDistOf(tree);
  gathered[ROOT] = allRequirements(inputs).map(({ text }) => text);
  for (const { name, groups = [] } of inputs.applications ?? []) gathered[groupsOf(name)] = groups;
  return gathered;
}

/** @throws DistError `DIST_PYTHON_*` */
export function findEdges(
  uv: Uv,
  { target, requirements, sources, applications = [] }: LockInputs,
  gathered: RequiresDist,
): Promise<Record<string, ActiveRequirements>> {
  const libraries = applications.map(({ library, extras = [] }) =>
    extras.length === 0 ? library : `${library}[${extras.join(',')}]`,
  );
  const required = [
    ...requirements.map(({ text }) => text),
    ...applications.flatMap(({ groups = [] }) => groups),
    ...libraries,
    ...sources.map(({ name }) => name),
  ];
  return activeRequirements(uv, target, required, gathered);
}
