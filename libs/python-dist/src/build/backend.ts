// Calls the hooks of a source tree's build backend (PEP 517) in the build sandbox: isolated, offline, limited and reproducible.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import type { BuildRecipe } from '../lock/build-recipe.js';
import { toBytes, type BuildPolicy } from './build-policy.js';
import { rootMounts, rootSearchPath, type BuildRoot } from './build-root.js';
import { buildEnvironment, isPython2, withSettings } from './build-variables.js';
import { makeCallFolder } from './call-folder.js';
import { findSandbox } from './find-sandbox.js';
import { isolatedOptions } from './interpreter.js';
import { countTasks } from './process-tree.js';
import type { BuildSystem } from './project-files.js';
import { runLimited, type Exceeded } from './run-limited.js';
import {
  distinctFolders,
  maskedFolders,
  pythonFolders,
  pythonPrefix,
  rustFolders,
  rustup,
  systemMounts,
} from './sandbox-root.js';
import {
  hiddenPrograms,
  planOpenCall,
  planSandboxedCall,
  type BuildFolders,
  type Command,
  type Limit,
  type PlannedCall,
  type SandboxKind,
  type SandboxRoot,
} from './sandbox.js';
import { giveTo, SECCOMP_FILTER } from './start-call.js';
import { prepareWorkFolder, readBuiltFile, removeWorkFolder, unexpectedOutput } from './work-folder.js';

/** A source tree, unpacked at `<work>/source`, and how it is built. */
export interface PreparedBuild {
  folders: BuildFolders;
  system: BuildSystem;
  recipe: Pick<BuildRecipe, 'environment' | 'configSettings'>;
  policy: BuildPolicy;
  /** The system that it is built in; absent for this machine. */
  root?: BuildRoot | undefined;
}

export interface HookResult {
  failed: boolean;
  /** The hook's return value; undefined if it failed, null if the backend has no such hook. */
  answer: unknown;
  /** Standard output and standard error. */
  output: string;
  /** The limit that ended it. */
  exceeded?: Exceeded;
}

/** Makes the hook's arguments from the folders as the build sees them. */
type Arguments = (folders: BuildFolders) => Record<string, unknown>;

/**
 * @param hidesPrograms - whether to hide programs that are also on package indexes; see `hiddenPrograms`
 * @throws DistError `DIST_BUILD_SANDBOX`, `DIST_BUILD_OUTPUT`
 */
export async function callHook(
  build: PreparedBuild,
  hook: string,
  of: Arguments,
  hidesPrograms = false,
): Promise<HookResult> {
  const kind = build.policy.sandbox === 'off' ? undefined : await findSandbox();
  await prepareWorkFolder(build.folders.work);
  const call = await makeCallFolder();
  try {
    const { planned, written } = await planCall(build, { kind, call, hidesPrograms });
    const { failed, output, exceeded } = await runLimited(planned, {
      cwd: join(build.folders.work, 'source'),
      input: JSON.stringify(requestOf(build, planned.folders, hook, of)),
      env: withSettings(variablesOf(build, planned.folders), build.recipe.environment),
      limits: build.policy.limits,
      written,
      isSandboxed: kind !== undefined,
    });
    const isOver = failed || exceeded !== undefined;
    const answer = isOver ? undefined : await readResult(build.folders.work);
    return { failed: isOver, answer, output, ...(exceeded !== undefined && { exceeded }) };
  } finally {
    await removeWorkFolder(call);
  }
}

function variablesOf({ root, folders }: PreparedBuild, seen: BuildFolders): Record<string, string> {
  const isOld = isPython2(folders.environment);
  if (root === undefined) return { ...rustup(), ...buildEnvironment(seen, process.env.PATH ?? '', isOld) };
  return { ...root.environment, ...buildEnvironment(seen, rootSearchPath(root), isOld) };
}

/** @throws DistError `DIST_BUILD_OUTPUT` */
async function readResult(work: string): Promise<unknown> {
  const result = parseJson(await readBuiltFile(work, 'result.json'), z.unknown());
  if (result === undefined) throw unexpectedOutput('result.json', 'JSON');
  return result;
}

interface CallPlan {
  kind: SandboxKind | undefined;
  call: string;
  hidesPrograms: boolean;
}

async function planCall(
  { folders, policy, root }: PreparedBuild,
  { kind, call, hidesPrograms }: CallPlan,
): Promise<{ planned: PlannedCall; written: string[] }> {
  const written = [folders.work, join(call, 'tmp'), join(call, 'shm')];
  const known = { ...folders, python: pythonPrefix(folders.environment) };
  const limit = limitCommand(policy, kind);
  const command = hookCommand(isPython2(folders.environment));
  if (kind === undefined) return { planned: planOpenCall(known, command, { call, limit }), written };
  if (kind.user !== undefined) await giveTo(kind.user, written);
  const exists = (path: string): boolean => existsSync(join(root?.folder ?? '/', path));
  const planned = planSandboxedCall(known, command, {
    kind,
    ...(root === undefined ? machineParts(folders, policy) : rootParts(root)),
    hidden: hidesPrograms ? hiddenPrograms(exists) : [],
    call,
    isFiltered: SECCOMP_FILTER !== undefined,
    limit,
  });
  return { planned, written };
}

type SystemParts = Pick<SandboxRoot, 'system' | 'masked' | 'readable' | 'python'>;

function machineParts({ environment }: BuildFolders, { readable }: BuildPolicy): SystemParts {
  const folders = [...pythonFolders(environment), ...rustFolders(), ...readable];
  return { system: systemMounts(), masked: maskedFolders(), readable: distinctFolders(folders) };
}

/** Nothing of this machine, not even folders of the settings, which may contain compilers. */
export function rootParts(root: BuildRoot): SystemParts {
  const system = { root: root.folder, mounts: rootMounts(root) };
  return { system, masked: [], readable: [], ...(root.python !== undefined && { python: root.python }) };
}

/** Above the limit, so that the timer sees which limit a build reaches. */
const MARGIN = 1.25;
const SPARE_TASKS = 16;

/** The kernel's own limits for each process. The number of processes is one for all of a user, whose others count too on older kernels. */
export function limitCommand({ limits }: BuildPolicy, kind: SandboxKind | undefined): Limit {
  const own = process.getuid?.() ?? 0;
  const tasks = limits.processes + SPARE_TASKS + (kind?.user === undefined ? countTasks(own) : 0);
  const [memory, disk] = [limits.memoryMiB, limits.diskMiB].map((size) => Math.ceil(MARGIN * toBytes(size)));
  const sizes = [`--data=${memory}`, `--fsize=${disk}`];
  return [kind?.programs.prlimit ?? 'prlimit', ...sizes, `--nproc=${tasks}`, '--core=0', '--'];
}

/** Without site processing, which would run code of `.pth` files. */
function hookCommand(isOld: boolean): Command {
  return ({ environment }, driver) => [join(environment, 'bin/python'), ...isolatedOptions(isOld), driver, '--restart'];
}

function requestOf({ system, recipe }: PreparedBuild, seen: BuildFolders, hook: string, of: Arguments): unknown {
  return {
    hook,
    arguments: { config_settings: configSettings(system, recipe, seen), ...of(seen) },
    backend: system.backend,
    backendPath: system.backendPath,
    result: join(seen.work, 'result.json'),
  };
}

/** meson-python gives its build folder a random name, and generated files contain that name. */
function configSettings(
  { backend }: BuildSystem,
  { configSettings: given }: PreparedBuild['recipe'],
  { work }: BuildFolders,
): Record<string, string | string[]> {
  return backend === 'mesonpy' && !('builddir' in given) ? { 'build-dir': join(work, 'meson'), ...given } : given;
}
