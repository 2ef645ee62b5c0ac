// Builds a wheel from source: isolated, offline, from the locked build requirements alone, and the same bytes wherever it's built.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { applyPatches } from './patches.js';
import { cacheFolder } from './cache-folder.js';
import { callHook, canSandbox, type PreparedBuild } from './backend.js';
import { compareVersions } from '../pep440/version-compare.js';
import { EMPTY_RECIPE } from '../lock/build-recipe.js';
import { encodeCanonicalWheel, readContents } from '../wheel/canonical-wheel.js';
import { FIXED_FOLDER } from './sandbox.js';
import { normalizeName } from '../names/normalize-name.js';
import { openWheel } from '../wheel/wheel.js';
import { parseVersion } from '../pep440/version.js';
import { readBuildSystem } from './project-files.js';
import { unpackSdist } from './unpack-sdist.js';
import { type Interpreter } from './interpreter.js';
import { type Pin } from '../lock/pin.js';
import type { PinSource } from '../lock/lock.js';
import { distError } from '../dist-error.js';
import { pruneOthers } from '@pinpack/common/prune-others';
import { wheelPattern } from '../names/wheel-file-name.js';
import { copySourceTree } from './copy-source-tree.js';
import { buildFailed } from './build-failure.js';
import { checkSystem } from './system-requirements.js';
import { vendorCrates, writeCargoConfig } from './vendor-crates.js';

/** Sources that are built. */
export type BuiltSource = Extract<PinSource, { kind: 'sdist' | 'directory' }>;

export interface BuildRequest {
  root: string;
  pin: Pin;
  source: BuiltSource;
  /** The sdist, verified, where the source is one. */
  archive?: string;
  interpreter: Interpreter;
  /** The build environment's folder. */
  environment: string;
  /** The folder that the wheel goes to, and the log's path; both relative to the root. */
  wheels: string;
  log: string;
}

/** @returns the wheel's file name. @throws DistError `DIST_BUILD_*`, DistError `DIST_SOURCE_*` */
export async function buildWheel(order: BuildRequest): Promise<string> {
  checkMachine(order);
  const { pin, source, environment } = order;
  const recipe = source.kind === 'sdist' ? source.recipe : EMPTY_RECIPE;
  await checkSystem(pin, recipe.system, recipe.environment);
  const work = await mkdtemp(join(tmpdir(), 'pinpack-build-'));
  try {
    const tree = join(work, 'source');
    await prepareTree(order, tree);
    const crates = await provideCrates(order, tree, work);
    const folders = { work, environment, ...(crates !== undefined && { crates }) };
    const build = { folders, system: await readBuildSystem(tree), recipe };
    return await publish(order, join(work, 'out', await runBuild(order, build)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What is compiled runs on machines of the same kind alone. */
function checkMachine({ pin, interpreter: { machine } }: BuildRequest): void {
  if (pin.platform.endsWith(machine)) return;
  throw distError(`${pin.name} ${pin.version}`, 'DIST_BUILD_MACHINE', [
    `is built from source for ${pin.platform}, and this machine is ${machine}`,
    `Build it on a machine of that kind; through the store everyone else gets it from there. Or pin a version that has a wheel.`,
  ]);
}

async function prepareTree({ root, source, archive }: BuildRequest, tree: string): Promise<void> {
  if (source.kind === 'directory') return copySourceTree(join(root, source.path), tree);
  await unpackSdist(archive ?? '', tree);
  await applyPatches(root, source.recipe.patches, tree);
}

/** Only where something in the build environment calls cargo: many a project has a Cargo.lock for something else. */
async function provideCrates({ pin, source }: BuildRequest, tree: string, work: string): Promise<string | undefined> {
  if (!source.buildRequires.some(({ name }) => CALLS_CARGO.has(name))) return undefined;
  const subject = `${pin.name} ${pin.version}`;
  const crates = await vendorCrates({ subject, tree, cache: cacheFolder(process.env) });
  const seen = (await canSandbox()) ? join(FIXED_FOLDER, 'crates') : crates;
  if (crates !== undefined && seen !== undefined) await writeCargoConfig(crates, seen, work);
  return crates;
}

const CALLS_CARGO = new Set(['maturin', 'setuptools-rust']);

/** @returns the file name of what was built */
async function runBuild({ root, pin, log }: BuildRequest, build: PreparedBuild): Promise<string> {
  const { failed, answer, output } = await callHook(build, 'build_wheel', ({ work }) => ({
    wheel_directory: join(work, 'out'),
  }));
  await writeFileAtomically(join(root, log), [Buffer.from(`${output}\n`)]);
  if (failed || typeof answer !== 'string') throw buildFailed(pin, log, output);
  const files = await readdir(join(build.folders.work, 'out'));
  if (files.includes(answer)) return answer;
  throw buildFailed(pin, log, `${output}\nthe backend says that it made ${answer}, which is not there`);
}

/** Writes the built wheel in its canonical form, under the name that the build gave it. */
async function publish({ root, pin, wheels }: BuildRequest, built: string): Promise<string> {
  const wheel = await openWheel(built);
  try {
    const { fileName, identity, metadata } = wheel;
    if (
      identity.name !== pin.name ||
      compareVersions(parseVersion(metadata.version), parseVersion(pin.version)) !== 0
    ) {
      throw distError(fileName, 'DIST_BUILD_VERSION_DIFFERS', [
        `the build gave ${normalizeName(metadata.name)} ${metadata.version}, locked is ${pin.name} ${pin.version}`,
        'Write the version into pyproject.toml, [project] version, and lock again.',
      ]);
    }
    await writeFileAtomically(join(root, wheels, fileName), encodeCanonicalWheel(wheel.entries, readContents(wheel)));
    await pruneOthers(join(root, wheels), fileName, wheelPattern(pin.name));
    return fileName;
  } finally {
    wheel.close();
  }
}
