// How builds from source are confined: the sandbox, the folders that they see, and their limits.
import { totalmem } from 'node:os';

/** The limits of one build, by the names of their settings. */
export interface BuildLimits {
  /** Wall time of one hook of the build backend. */
  timeMinutes: number;
  /** Memory of all processes of the build together. */
  memoryMiB: number;
  /** Processes and threads of the build together. */
  processes: number;
  /** What the build writes to disk, with its source tree. */
  diskMiB: number;
  /** What the build prints. */
  logMiB: number;
  /** Size of an unpacked sdist. */
  sdistMiB: number;
  /** Size of an unpacked sdist divided by that of its file. */
  sdistRatio: number;
  /** Files, folders and links of an sdist. */
  sdistEntries: number;
}

export interface BuildPolicy {
  /** `off`: builds run with the rights of the user, and their output is not trusted. */
  sandbox: 'on' | 'off';
  /** Absolute paths of folders that builds see read-only, besides the system: `/opt/cuda`. */
  readable: readonly string[];
  limits: BuildLimits;
}

const MEBIBYTE = 1024 * 1024;
/** Part of the machine's memory that a build may use by default. */
const MEMORY_SHARE = 0.75;

export type BuildSettingsOfPlugin = Partial<BuildLimits & Pick<BuildPolicy, 'readable'>>;

/** The policy of the settings; what they leave out has its default. */
export function planBuildPolicy(
  sandbox: BuildPolicy['sandbox'] = 'on',
  { readable = [], ...limits }: BuildSettingsOfPlugin = {},
): BuildPolicy {
  return { sandbox, readable, limits: { ...defaultLimits(), ...limits } };
}

function defaultLimits(): BuildLimits {
  return {
    timeMinutes: 120,
    memoryMiB: Math.floor((MEMORY_SHARE * availableMemory()) / MEBIBYTE),
    processes: 4096,
    diskMiB: 20_480,
    logMiB: 64,
    sdistMiB: 2048,
    sdistRatio: 100,
    sdistEntries: 200_000,
  };
}

/** A container may have less than the machine. Without a limit, Node reports 0 or more than there is. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export function toBytes(mebibytes: number): number {
  return mebibytes * MEBIBYTE;
}
