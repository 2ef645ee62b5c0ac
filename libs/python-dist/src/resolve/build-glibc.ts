// Warns of builds from source on a machine whose glibc is newer than that of the platform: extensions that are compiled here may not run there.
import { join } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { hasExtensions } from '../build/source-tree-digest.js';
import { DistError } from '../dist-error.js';
import { findInterpreter } from '../build/interpreter.js';
import type { SourceTree } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import { tryParsePlatform } from '../names/platform.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import type { SourcePin } from './source-pin.js';
import type { SdistTools } from './sdist-facts.js';

export interface GlibcRequest {
  target: TargetEnvironment;
  trees: readonly Pick<SourceTree, 'name' | 'path'>[];
  sdists: readonly Pick<SourcePin, 'name' | 'compiles'>[];
}

/** The pins that compile code, sorted. */
export async function compiledNames(
  { root }: Pick<SdistTools, 'root'>,
  { trees, sdists }: GlibcRequest,
): Promise<string[]> {
  const compiled = await Promise.all(
    trees.map(async ({ name, path }) => {
      // A tree that was removed meanwhile is reported when it is built.
      const compiles = await hasExtensions(join(root, path)).catch(undefinedIfAbsent);
      return compiles === true ? [normalizeName(name)] : [];
    }),
  );
  return [...compiled.flat(), ...sdists.filter(({ compiles }) => compiles).map(({ name }) => name)].sort();
}

/** @returns undefined if nothing is compiled or the Python is missing, which is reported elsewhere */
export async function glibcWarning(
  { uv }: Pick<SdistTools, 'uv'>,
  target: TargetEnvironment,
  names: readonly string[],
): Promise<string | undefined> {
  const platform = tryParsePlatform(target.platform);
  if (names.length === 0 || platform === undefined) return undefined;
  const found = await libcOf(uv, target.python);
  if (found === undefined || found <= platform.glibc) return undefined;
  const newest = `manylinux_2_${found}_${platform.machine}`;
  return [
    `${names.join(', ')}: compiled on this machine, which has glibc 2.${found}, for ${target.platform}, which has glibc 2.${platform.glibc}`,
    `If the code needs symbols of a newer glibc than 2.${platform.glibc}, target rpm refuses it. Then build in a root with glibc 2.${platform.glibc} or older ("build": {"root": …} in reqset.json), or set "platform": "${newest}" in reqset.json if all servers have glibc 2.${found}.`,
  ].join('\n  ');
}

/** The minor version of the glibc 2 that builds use. */
async function libcOf(uv: SdistTools['uv'], python: string): Promise<number | undefined> {
  try {
    const { libc } = await findInterpreter(uv, python);
    const minor = /^glibc 2\.(\d+)/.exec(libc)?.[1];
    return minor === undefined ? undefined : Number(minor);
  } catch (error) {
    if (error instanceof DistError) return undefined;
    throw error;
  }
}
