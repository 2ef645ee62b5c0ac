// What a pin says that its build needs of the machine ("system" in reqset.json): asked for before the build, and told all at once.
import { isOnPath } from '@pinpack/common/program';
import { execa } from 'execa';
import type { Pin } from '../lock/pin.js';
import { distError } from '../dist-error.js';
import { describePackages } from './system-packages.js';

/**
 * @param needs - `header:ffi.h`, `pkg-config:libxml-2.0`, `program:pg_config`
 * @param environment - the build's own: where compilers and pkg-config look besides
 * @throws DistError `DIST_BUILD_SYSTEM` with all that is missing
 */
export async function checkSystem(
  { name, version }: Pick<Pin, 'name' | 'version'>,
  needs: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const found = await Promise.all(needs.map((need) => isThere(need, environment)));
  const missing = needs.filter((_, at) => found[at] !== true);
  if (missing.length === 0) return;
  throw distError(`${name} ${version}`, 'DIST_BUILD_SYSTEM', [
    'this machine lacks what its build needs ("system" in reqset.json)',
    ...missing.map((need) => `${need.replace(':', ' ')}: ${describePackages(need)}`),
    'Install them and run again.',
  ]);
}

async function isThere(need: string, environment: Record<string, string>): Promise<boolean> {
  const [kind, name = ''] = need.split(/:(.*)/);
  const options = { reject: false, env: environment } as const;
  if (kind === 'program') return isOnPath(name, process.env.PATH ?? '');
  if (kind === 'pkg-config') return !(await execa('pkg-config', ['--exists', name], options)).failed;
  const words = ['-E', '-x', 'c', '-o', '/dev/null', ...(environment.CPPFLAGS ?? '').split(' ').filter(Boolean), '-'];
  return !(await execa('cc', words, { ...options, input: `#include <${name}>\n` })).failed;
}
