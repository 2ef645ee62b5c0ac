// Determines the times in a repository: SOURCE_DATE_EPOCH (reproducible-builds.org), or a reproducible default.
import { execa } from 'execa';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { PinpackError } from '../pinpack-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The time of a repository's metadata in seconds since 1970. @throws PinpackError `PINPACK_TIME_INVALID` */
export function revisionTime(environment: Environment): number {
  return sourceDateEpoch(environment) ?? DEFAULT_MTIME;
}

/** The date of new advisories in ISO 8601: SOURCE_DATE_EPOCH, or the time of the workspace's last commit. */
export async function advisoryDate(root: string, environment: Environment): Promise<string> {
  const seconds = sourceDateEpoch(environment) ?? (await lastCommitTime(root)) ?? DEFAULT_MTIME;
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
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
