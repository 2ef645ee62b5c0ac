// Checks the system requirements of a pin's build ("system" in reqset.json) before the build, and reports all that are missing.
import { findOnPath } from '@pinpack/common/program';
import { execa } from 'execa';
import type { Pin } from '../lock/pin.js';
import { distError } from '../dist-error.js';
import { describePackages } from './system-packages.js';

/**
 * @param needs - `header:ffi.h`, `pkg-config:libxml-2.0`, `program:pg_config`
 * @param environment - the build's variables, which add search paths of compilers and pkg-config
 * @throws DistError `DIST_BUILD_SYSTEM` with everything that is missing
 */
export async function checkSystem(
  { name, version }: Pick<Pin, 'name' | 'version'>,
  needs: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const found = await Promise.all(needs.map((need) => isAvailable(need, environment)));
  const missing = needs.filter((_, at) => found[at] !== true);
  if (missing.length === 0) return;
  throw distError(`${name} ${version}`, 'DIST_BUILD_SYSTEM', [
    'its build needs programs or libraries that are not installed ("system" in reqset.json)',
    ...missing.map((need) => `${need.replace(':', ' ')}: ${describePackages(need)}`),
    'Install them and run the command again.',
  ]);
}

async function isAvailable(need: string, environment: Record<string, string>): Promise<boolean> {
  const [kind, name = ''] = need.split(/:(.*)/);
  const options = { reject: false, env: environment } as const;
  if (kind === 'program') return (await findOnPath(name, process.env.PATH ?? '')) !== undefined;
  if (kind === 'pkg-config') return !(await execa('pkg-config', ['--exists', name], options)).failed;
  const words = ['-E', '-x', 'c', '-o', '/dev/null', ...(environment.CPPFLAGS ?? '').split(' ').filter(Boolean), '-'];
  return !(await execa('cc', words, { ...options, input: `#include <${name}>\n` })).failed;
}
