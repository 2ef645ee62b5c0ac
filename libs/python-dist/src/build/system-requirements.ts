// Checks the system requirements of a pin's build ("system" in reqset.json) before the build, and reports all that are missing.
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '@pinpack/common/program';
import { execa } from 'execa';
import type { Pin } from '../lock/pin.js';
import { distError } from '../dist-error.js';
import { rootSearchPath, type BuildRoot } from './build-root.js';
import { runInRoot } from './root-call.js';
import { describePackages } from './system-packages.js';

export interface SystemOfBuild {
  /** The build's variables, which add search paths of compilers and pkg-config. */
  environment: Record<string, string>;
  /** The system that is searched; absent for this machine. */
  root?: BuildRoot | undefined;
}

/**
 * @param needs - `header:ffi.h`, `pkg-config:libxml-2.0`, `program:pg_config`
 * @throws DistError `DIST_BUILD_SYSTEM` with everything that is missing
 */
export async function checkSystem(
  { name, version }: Pick<Pin, 'name' | 'version'>,
  needs: readonly string[],
  system: SystemOfBuild,
): Promise<void> {
  const found = await Promise.all(needs.map((need) => isAvailable(need, system)));
  const missing = needs.filter((_, at) => found[at] !== true);
  if (missing.length === 0) return;
  const place = system.root === undefined ? '' : ` in ${system.root.subject}`;
  throw distError(`${name} ${version}`, 'DIST_BUILD_SYSTEM', [
    `its build needs programs or libraries that are not installed${place} ("system" in reqset.json)`,
    ...missing.map((need) => `${need.replace(':', ' ')}: ${describePackages(need)}`),
    'Install them and run the command again.',
  ]);
}

async function isAvailable(need: string, { environment, root }: SystemOfBuild): Promise<boolean> {
  const [kind, name = ''] = need.split(/:(.*)/);
  const succeeds = async (command: readonly [string, ...string[]], input = ''): Promise<boolean> => {
    if (root !== undefined) return !(await runInRoot(root, command, { environment, input })).failed;
    const [program, ...words] = command;
    return !(await execa(program, words, { reject: false, env: environment, input })).failed;
  };
  if (kind === 'pkg-config') return succeeds(['pkg-config', '--exists', name]);
  if (kind === 'program') {
    if (root === undefined) return (await findOnPath(name, process.env.PATH ?? '')) !== undefined;
    const folders = rootSearchPath(root).split(':');
    return folders.some(
      (folder) => lstatSync(join(root.folder, folder, name), { throwIfNoEntry: false }) !== undefined,
    );
  }
  const paths = (environment.CPPFLAGS ?? '').split(' ').filter(Boolean);
  return succeeds(['cc', '-E', '-x', 'c', '-o', '/dev/null', ...paths, '-'], `#include <${name}>\n`);
}
