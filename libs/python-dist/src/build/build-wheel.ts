// Builds a wheel from source: isolated, offline, with the locked build requirements only, and with the same bytes on every machine.
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { applyPatches } from './patches.js';
import { cacheFolder } from './cache-folder.js';
import { callHook, type PreparedBuild } from './backend.js';
import { limitReached } from './build-limit.js';
import type { BuildRoot } from './build-root.js';
import type { BuildPolicy } from './build-policy.js';
import { compareVersions } from '../pep440/version-compare.js';
import { EMPTY_RECIPE, type BuildRecipe } from '../lock/build-recipe.js';
import { encodeCanonicalWheel, readContents } from '../wheel/canonical-wheel.js';
import { FIXED_FOLDER } from './sandbox.js';
import { normalizeName } from '../names/normalize-name.js';
import type { WheelLimits } from '../limits/limits.js';
import { withExactRecord } from '../wheel/exact-record.js';
import { withPortableTag, type ReadRequires } from '../wheel/portable-tag.js';
import { openWheel, type Wheel } from '../wheel/wheel.js';
import { parseVersion } from '../pep440/version.js';
import { readBuildSystem } from './project-files.js';
import { unpackSdist } from './unpack-sdist.js';
import { type Interpreter } from './interpreter.js';
import { glibcOf } from './root-interpreter.js';
import { type Pin } from '../lock/pin.js';
import type { PinSource } from '../lock/lock.js';
import { distError, type DistError } from '../dist-error.js';
import { pruneOthers } from '@pinpack/common/prune-others';
import { wheelPattern } from '../names/wheel-file-name.js';
import { copySourceTree } from './copy-source-tree.js';
import { buildFailed } from './build-failure.js';
import { checkSystem } from './system-requirements.js';
import { vendorCrates, writeCargoConfig } from './vendor-crates.js';
import { builtFile, removeWorkFolder } from './work-folder.js';

/** A source that has to be built. */
export type BuiltSource = Extract<PinSource, { kind: 'sdist' | 'directory' }>;

export interface BuildRequest {
  root: string;
  pin: Pin;
  source: BuiltSource;
  /** Path of the verified sdist, for a source of the kind `sdist`. */
  archive?: string;
  interpreter: Interpreter;
  /** The build environment's folder. */
  environment: string;
  /** The output folder of the wheel, and the log's path; both relative to the root. */
  wheels: string;
  log: string;
  policy: BuildPolicy;
  /** The system that it is built in; absent for this machine. */
  buildRoot?: BuildRoot | undefined;
  readRequires: ReadRequires;
  /** Limits on the built wheel. */
  limits?: WheelLimits;
}

/** @returns the wheel's file name. @throws DistError `DIST_BUILD_*`, `DIST_SOURCE_*` */
export async function buildWheel(request: BuildRequest): Promise<string> {
  checkMachine(request);
  const { pin, source, environment, policy, buildRoot: root } = request;
  if (root !== undefined && policy.sandbox === 'off') throw rootNeedsSandbox(root);
  const recipe = withCompilers(pin, source.kind === 'sdist' ? source.recipe : EMPTY_RECIPE);
  await checkSystem(pin, recipe.system, { environment: recipe.environment, root });
  const work = await mkdtemp(join(tmpdir(), 'pinpack-build-'));
  try {
    const tree = join(work, 'source');
    await prepareTree(request, tree);
    const crates = await provideCrates(request, tree, work);
    const folders = { work, environment, ...(crates !== undefined && { crates }) };
    const build = { folders, system: await readBuildSystem(tree), recipe, policy, root };
    return await publish(request, await builtFile(work, 'out', await runBuild(request, build)));
  } finally {
    await removeWorkFolder(work);
  }
}

/** A Python from elsewhere names the compilers of the machine that built it. */
function withCompilers({ bundled }: Pin, recipe: BuildRecipe): BuildRecipe {
  if (bundled !== true) return recipe;
  return { ...recipe, environment: { CC: 'cc', CXX: 'c++', AR: 'ar', ...recipe.environment } };
}

export function rootNeedsSandbox({ subject }: Pick<BuildRoot, 'subject'>): DistError {
  return distError(subject, 'DIST_BUILD_ROOT_UNSANDBOXED', [
    'builds in a root run only in the sandbox, which is off (PINPACK_SANDBOX or "sandbox" in nx.json)',
    'Turn it on, or remove "build": {"root": …} from reqset.json.',
  ]);
}

/** There is no cross compilation: a build runs on the architecture that it is for. */
function checkMachine({ pin, interpreter: { machine } }: BuildRequest): void {
  if (pin.platform.endsWith(machine)) return;
  throw distError(`${pin.name} ${pin.version}`, 'DIST_BUILD_MACHINE', [
    `has to be built from source for ${pin.platform}, but this machine is ${machine}`,
    'Build it once on a machine of that architecture: other machines then get it from the store. Or pin a version that has a wheel.',
  ]);
}

async function prepareTree({ root, source, archive, policy }: BuildRequest, tree: string): Promise<void> {
  if (source.kind === 'directory') return copySourceTree(join(root, source.path), tree);
  await unpackSdist(archive ?? '', tree, policy.limits);
  await applyPatches(root, source.recipe.patches, tree);
}

/** Only if the build environment has a tool that calls cargo: some projects have a Cargo.lock for other purposes. */
async function provideCrates(
  { pin, source, policy }: BuildRequest,
  tree: string,
  work: string,
): Promise<string | undefined> {
  if (!source.buildRequires.some(({ name }) => CALLS_CARGO.has(name))) return undefined;
  const subject = `${pin.name} ${pin.version}`;
  const crates = await vendorCrates({ subject, tree, cache: cacheFolder(process.env) });
  const seen = policy.sandbox === 'on' ? join(FIXED_FOLDER, 'crates') : crates;
  if (crates !== undefined && seen !== undefined) await writeCargoConfig(crates, seen, work);
  return crates;
}

const CALLS_CARGO = new Set(['maturin', 'setuptools-rust']);

/** @returns the file name of the built wheel */
async function runBuild({ root, pin, log, policy }: BuildRequest, build: PreparedBuild): Promise<string> {
  const { failed, answer, output, exceeded } = await callHook(build, 'build_wheel', ({ work }) => ({
    wheel_directory: join(work, 'out'),
  }));
  await writeFileAtomically(join(root, log), [Buffer.from(`${output}\n`)]);
  if (exceeded !== undefined)
    throw limitReached(`${pin.name} ${pin.version}`, policy.limits, exceeded, { output, log });
  if (failed || typeof answer !== 'string') throw buildFailed(pin, log, output);
  const files = await readdir(join(build.folders.work, 'out'));
  if (files.includes(answer)) return answer;
  throw buildFailed(pin, log, `${output}\nthe backend returned ${answer}, but no such file exists`);
}

/** Writes the built wheel in canonical form, under the file name that the backend chose, or with the tag of the root's C library. */
async function publish(request: BuildRequest, built: string): Promise<string> {
  const { root, pin, wheels, limits, buildRoot, interpreter, readRequires } = request;
  const opened = await openWheel(built, limits);
  try {
    checkIdentity(opened, pin);
    const glibc = glibcOf(interpreter);
    const wheel = buildRoot === undefined ? opened : await withPortableTag(opened, { glibc, readRequires });
    const { fileName } = wheel;
    // The backend may write an inexact RECORD, which pip would ignore too.
    await withExactRecord(
      wheel,
      () => Promise.resolve(),
      (exact) =>
        writeFileAtomically(join(root, wheels, fileName), encodeCanonicalWheel(exact.entries, readContents(exact))),
    );
    await pruneOthers(join(root, wheels), fileName, wheelPattern(pin.name));
    return fileName;
  } finally {
    opened.close();
  }
}

function checkIdentity({ fileName, identity, metadata }: Wheel, pin: Pin): void {
  const isLocked = compareVersions(parseVersion(metadata.version), parseVersion(pin.version)) === 0;
  if (identity.name === pin.name && isLocked) return;
  throw distError(fileName, 'DIST_BUILD_VERSION_DIFFERS', [
    `the build produced ${normalizeName(metadata.name)} ${metadata.version}, expected the locked ${pin.name} ${pin.version}`,
    'Set [project] version in pyproject.toml and lock again.',
  ]);
}
