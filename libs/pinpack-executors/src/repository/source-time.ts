// Determines the times in a repository: SOURCE_DATE_EPOCH (reproducible-builds.org), or a reproducible default.
import { execa } from 'execa';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { PinpackError } from '../pinpack-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** In seconds since 1970; undefined if it is unknown. */
export interface SourceTimes {
  /** SOURCE_DATE_EPOCH. */
  epoch: number | undefined;
  /** The time of the workspace's last commit. */
  committed: number | undefined;
}

/** @throws PinpackError `PINPACK_TIME_INVALID` */
export async function readSourceTimes(root: string, environment: Environment): Promise<SourceTimes> {
  return { epoch: sourceDateEpoch(environment), committed: await lastCommitTime(root) };
}

/** The date of new advisories in ISO 8601. */
export function advisoryDate({ epoch, committed }: SourceTimes): string {
  return new Date((epoch ?? committed ?? DEFAULT_MTIME) * 1000).toISOString().replace('.000Z', 'Z');
}

function sourceDateEpoch({ SOURCE_DATE_EPOCH: text }: Environment): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= 0xffffffff) return seconds;
  throw new PinpackError('PINPACK_TIME_INVALID', 'SOURCE_DATE_EPOCH', [
    `found ${text}`,
    'expected seconds since 1970, as printed by `git log -1 --format=%ct`',
  ]);
}

/** Undefined without git or a commit. */
async function lastCommitTime(root: string): Promise<number | undefined> {
  const { stdout, failed } = await execa('git', ['log', '-1', '--format=%ct'], { cwd: root, reject: false });
  return failed || !/^\d+$/.test(stdout) ? undefined : Number(stdout);
}
