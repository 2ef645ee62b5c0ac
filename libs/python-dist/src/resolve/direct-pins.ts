// Reads the distributions that are required by a path, a URL or a repository: fetches each once, and finds out its version and dependencies.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { distError } from '../dist-error.js';
import { EMPTY_RECIPE } from '../lock/build-recipe.js';
import type { LockInputs } from '../lock/inputs.js';
import type { WheelFile } from '../names/distribution-file.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { holdingMarkers } from '../uv/evaluate.js';
import { openWheel } from '../wheel/wheel.js';
import type { BuildResolver } from './build-requirements.js';
import { refuseBuilds } from './check-target.js';
import { exists } from '../files/optional-file.js';
import { locate } from './direct-files.js';
import { remember } from './remember.js';
import { allRequirements, directRequirements, type DirectRequirement } from './direct-requirements.js';
import type { LockOptions } from './lock-options.js';
import type { PrebuiltPin } from './prebuilt.js';
import type { DirectPins, SourcePin } from './source-pin.js';
import { readSdistFacts, type SdistTools } from './sdist-facts.js';

interface DirectRequest {
  subject: string;
  inputs: LockInputs;
  options: LockOptions;
}

/**
 * @param folder - for downloads; the caller removes it after the resolution
 * @throws DistError `DIST_RESOLVE_URL`, `DIST_GIT_*`, `DIST_INDEX_*`, `DIST_SOURCE_*`, `DIST_WHEEL_*`
 */
export async function readDirectPins(
  tools: SdistTools,
  builds: BuildResolver,
  request: DirectRequest,
  folder: string,
): Promise<DirectPins> {
  const { subject, inputs } = request;
  const all = directRequirements(subject, await activeOnly(tools, inputs));
  const pins: DirectPins = { wheels: [], sources: [] };
  for (const line of all) {
    const own = await mkdtemp(join(folder, 'direct-'));
    const file = await locate(tools, request, line, own);
    if (file.name.endsWith('.whl')) pins.wheels.push(await readWheel(tools, line, file, own));
    else pins.sources.push(await readSource(tools, builds, request, { line, file }));
  }
  return pins;
}

async function activeOnly({ uv }: SdistTools, inputs: LockInputs): Promise<ReturnType<typeof allRequirements>> {
  const all = allRequirements(inputs).filter(({ text }) => parseRequirement(text).url !== undefined);
  const markers = all.flatMap(({ text }) => parseRequirement(text).marker ?? []);
  const holding = await holdingMarkers(uv, inputs.target, [...new Set(markers)], []);
  return all.filter(({ text }) => {
    const { marker } = parseRequirement(text);
    return marker === undefined || holding.has(marker);
  });
}

const WHEEL_FACTS = z.object({ name: z.string(), version: z.string(), requiresDist: z.array(z.string()) });

/** The facts are kept by digest, so that an unchanged wheel is not downloaded again. */
async function readWheel(
  { index, cache }: SdistTools,
  line: DirectRequirement,
  wheel: WheelFile,
  folder: string,
): Promise<PrebuiltPin> {
  const key = ['direct-wheel', wheel.sha256];
  const facts = await remember({ cache, key, schema: WHEEL_FACTS }, async () => {
    const path = join(folder, wheel.name);
    if (!(await exists(path))) await index.download(line.name, wheel, path);
    const opened = await openWheel(path, index.limits);
    opened.close();
    const { version, requiresDist } = opened.metadata;
    return { name: opened.identity.name, version, requiresDist: [...requiresDist] };
  });
  checkName(line, facts.name, wheel.name);
  const { origin, ...rest } = wheel;
  return origin?.kind === 'path' ? { ...facts, wheel: rest, path: origin.path } : { ...facts, wheel };
}

function checkName({ place, name }: DirectRequirement, found: string, file: string): void {
  if (normalizeName(found) === name) return;
  throw distError(place, 'DIST_RESOLVE_URL', [
    `${file} is a distribution of ${normalizeName(found)}, expected ${name}`,
    `Write the name ${normalizeName(found)} in the requirement.`,
  ]);
}

async function readSource(
  tools: SdistTools,
  builds: BuildResolver,
  { subject, inputs }: DirectRequest,
  { line, file }: { line: DirectRequirement; file: WheelFile },
): Promise<SourcePin> {
  const { name } = line;
  refuseBuilds(subject, inputs.target, [`${name} has to be built`]);
  const settings = inputs.builds?.[name] ?? { ...EMPTY_RECIPE, isForced: false, requires: [] };
  const { target } = inputs;
  const facts = await readSdistFacts(tools, builds, {
    ...{ name, version: '', sdist: file, settings, target, constraints: [] },
    readsIdentity: true,
  });
  const { identity = { name, version: '' }, ...dependencies } = facts;
  checkName(line, identity.name, line.url);
  const { version } = identity;
  const sdist =
    file.origin?.kind === 'git' ? { ...file, name: `${name.replaceAll('-', '_')}-${version}.tar.gz` } : file;
  return { ...dependencies, name, version, sdist, settings };
}
