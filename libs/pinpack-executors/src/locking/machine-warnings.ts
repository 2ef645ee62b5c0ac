// Lists the requirements of a lock's builds that this machine lacks. Locking only warns about them, because another machine may build.
import { join } from 'node:path';
import { CodedError } from '@pinpack/common/coded-error';
import { carriesBytecode, findInterpreter, type Lock, type Uv } from '@pinpack/python-dist';
import { findPython } from '@pinpack/rpm-packaging';

/** Inspects a machine; specs replace it. */
export interface Machine {
  /** The machine of the Python that builds, as in platform tags. @throws DistError `DIST_SOURCE_PYTHON_MISSING` */
  builder: (python: string) => Promise<{ machine: string }>;
  /** @throws PackagingError `PINPACK_PYTHON_MISSING` */
  compiler: (minor: string) => Promise<string>;
}

/** @param bundled - the folder of the Python that the set brings along, which builds and compiles in place of this machine's */
export function thisMachine(uv: Uv, bundled?: string): Machine {
  return {
    builder: (python) => findInterpreter(uv, python, bundled),
    compiler: (minor) => (bundled === undefined ? findPython(minor) : Promise.resolve(bundled)),
  };
}

/** Where `lock` has unpacked it. */
export function bundledFolder({ interpreter }: Pick<Lock, 'interpreter'>, cache: string): string | undefined {
  return interpreter && join(cache, 'pythons', interpreter.sha256);
}

/** One message for each missing requirement. */
export async function machineWarnings(
  lock: Pick<Lock, 'packages' | 'python' | 'platform' | 'bytecode' | 'layout' | 'buildRoot'>,
  machine: Machine,
): Promise<string[]> {
  const { packages, python, platform } = lock;
  // `lock` has checked a root.
  const isHere = lock.buildRoot === undefined;
  const built = packages.filter(({ source }) => isHere && source.kind !== 'wheel').map(({ name }) => name);
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
  return `${built.join(', ')}: built from source for ${platform}, but this machine is ${machine}. Build them on a machine of the locked platform.`;
}

async function missing(check: () => Promise<string | undefined>): Promise<string[]> {
  try {
    return [(await check()) ?? []].flat();
  } catch (error) {
    if (error instanceof CodedError) return [error.message];
    throw error;
  }
}
