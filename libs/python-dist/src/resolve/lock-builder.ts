// Opens the root that a lock's source pins are built in, and checks that it fits.
import type { BuildPolicy } from '../build/build-policy.js';
import type { BuildRoot } from '../build/build-root.js';
import { rootNeedsSandbox } from '../build/build-wheel.js';
import {
  checkRootCompiler,
  checkRootFits,
  findRootInterpreter,
  glibcOf,
  type RootBuilder,
} from '../build/root-interpreter.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { compiledNames, glibcWarning, type GlibcRequest } from './build-glibc.js';
import type { SdistTools } from './sdist-facts.js';

/** The root that `lock` was given for builds. */
export type BuilderTools = Pick<SdistTools, 'builder'>;

interface Settings {
  policy: BuildPolicy;
  buildRoot?: BuildRoot | undefined;
}

/** @throws DistError `DIST_BUILD_ROOT_*` */
export async function openBuilder(
  { buildRoot: root, policy }: Settings,
  target: TargetEnvironment,
): Promise<RootBuilder | undefined> {
  if (root === undefined) return undefined;
  if (policy.sandbox === 'off') throw rootNeedsSandbox(root);
  const interpreter = await findRootInterpreter(root, target.python);
  checkRootFits(root, interpreter, target);
  return { root, interpreter };
}

/** Build requirements run in the root, whose glibc may be older than that of the platform. */
export function builderTarget({ builder }: BuilderTools, target: TargetEnvironment): TargetEnvironment {
  if (builder === undefined) return target;
  return { ...target, platform: `manylinux_2_${glibcOf(builder.interpreter)}_${builder.interpreter.machine}` };
}

/** @throws DistError `DIST_BUILD_ROOT_COMPILER` */
export async function checkCompiled(tools: SdistTools, request: GlibcRequest): Promise<void> {
  const { builder, progress } = tools;
  const compiled = await compiledNames(tools, request);
  if (builder !== undefined) return checkRootCompiler(builder.root, builder.interpreter, compiled);
  const warning = await glibcWarning(tools, request.target, compiled);
  if (warning !== undefined) progress(`warning: ${warning}`);
}
