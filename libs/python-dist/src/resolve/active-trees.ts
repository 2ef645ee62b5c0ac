// Leaves out the source trees that only requirements with false markers name.
import type { LockInputs, WrittenRequirement } from '../lock/inputs.js';
import { parseRequirement } from '../requirements/requirement.js';
import { holdingMarkers } from '../uv/evaluate.js';
import type { Uv } from '../uv/uv.js';
import { localTrees } from './direct-requirements.js';

export async function withActiveTrees(uv: Uv, inputs: LockInputs): Promise<LockInputs> {
  const named = new Set(localTrees(inputs.requirements));
  // Asking for markers starts Python.
  if (named.size === 0) return inputs;
  const markers = inputs.requirements.flatMap(({ text }) => parseRequirement(text).marker ?? []);
  const holding = await holdingMarkers(uv, inputs.target, [...new Set(markers)], []);
  const isActive = ({ text }: WrittenRequirement): boolean => {
    const { marker } = parseRequirement(text);
    return marker === undefined || holding.has(marker);
  };
  const active = new Set(localTrees(inputs.requirements.filter(isActive)));
  const libraries = new Set((inputs.applications ?? []).map(({ library }) => library));
  const sources = inputs.sources.filter(
    ({ path, name }) => !named.has(path) || active.has(path) || libraries.has(name),
  );
  return { ...inputs, sources };
}
