// What this machine lacks to make what was locked. A warning when it's locked, since another machine may be the one that builds; an error when it's built.
import { carriesBytecode, DistError, findInterpreter, type Lock, type Uv } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { findPython } from '@pinpack/rpm-packaging';

/** How the machine is looked at: specs have machines of their own. */
export interface Machine {
  /** The machine's name as platform tags have it, of the Python that builds. @throws DistError `DIST_SOURCE_PYTHON_MISSING` */
  builder: (python: string) => Promise<{ machine: string }>;
  /** @throws PinpackError `PINPACK_PYTHON_MISSING` */
  compiler: (minor: string) => Promise<string>;
}

export function thisMachine(uv: Uv): Machine {
  return { builder: (python) => findInterpreter(uv, python), compiler: (minor) => findPython(minor) };
}

/** One text for each thing that is missing; none where all that was locked can be made here. */
export async function machineWarnings(
  lock: Pick<Lock, 'packages' | 'python' | 'platform' | 'bytecode' | 'layout'>,
  machine: Machine,
): Promise<string[]> {
  const { packages, python, platform } = lock;
  const built = packages.filter(({ source }) => source.kind !== 'wheel').map(({ name }) => name);
  const minor = python.split('.').slice(0, 2).join('.');
  return [
    ...(built.length === 0 ? [] : await missing(() => builderWarning(built, platform, machine.builder(python)))),
    ...(carriesBytecode(lock) ? await missing(() => machine.compiler(minor).then(() => undefined)) : []),
  ];
}

async function builderWarning(
  built: readonly string[],
  platform: string,
  builder: Promise<{ machine: string }>,
): Promise<string | undefined> {
  const { machine } = await builder;
  if (platform.endsWith(`_${machine}`)) return undefined;
  return `${built.join(', ')}: built from source for ${platform}, and this machine is ${machine}. Build on a machine of that kind.`;
}

async function missing(look: () => Promise<string | undefined>): Promise<string[]> {
  try {
    return [(await look()) ?? []].flat();
  } catch (error) {
    if (error instanceof DistError || error instanceof PinpackError) return [error.message];
    throw error;
  }
}
