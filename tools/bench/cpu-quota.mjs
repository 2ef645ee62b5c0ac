// Control groups with a quota of processor time (cgroups(7), versions 1 and 2), so that machines of a pipeline on one computer do not take each other's processors.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const IN_CGROUP = fileURLToPath(new URL('in-cgroup.py', import.meta.url));
const PERIOD_US = 100_000;
const VERSION_1 = '/sys/fs/cgroup/cpu';
const VERSION_2 = '/sys/fs/cgroup';

/**
 * @param {{ name: string, processors: number }} group - `processors` may be a fraction
 * @returns {{ wrap: (command: string[]) => string[], remove: () => void }} `wrap` gives the command that runs another one in the group; `remove` needs
 *   every process of the group to have ended
 * @throws Error if the group cannot be made: it needs root and the controller `cpu`
 */
export function makeCpuQuota({ name, processors }) {
  const quota = Math.round(processors * PERIOD_US);
  const isVersion1 = existsSync(join(VERSION_1, 'cpu.cfs_quota_us'));
  const folder = join(isVersion1 ? VERSION_1 : VERSION_2, name);
  try {
    mkdirSync(folder, { recursive: true });
    if (isVersion1) {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), `${PERIOD_US}`);
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), `${quota}`);
    } else {
      writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
    }
  } catch (error) {
    throw new Error(
      `bench: control group ${folder}: ${error.message}\n  Each machine of this benchmark gets a quota of processor time, which needs root and the controller "cpu".`,
      { cause: error },
    );
  }
  return {
    wrap: (command) => ['python3', IN_CGROUP, folder, ...command],
    remove: () => {
      rmdirSync(folder);
    },
  };
}
