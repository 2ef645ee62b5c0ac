// PEP 440 versions in RPM's terms, so that rpm orders as Python does (docs/decisions/0003-versions.md).
//
//     PEP 440            RPM              why
//     1.0                1.0.0            three numbers at least, no zeros behind: 1.0 and 1.0.0 are equal in Python, and not to rpm
//     1!1.0              epoch 1
//     1.0rc1             1.0.0~rc1        `~` sorts before the end
//     1.0.dev3           1.0.0~~dev3      before every pre-release
//     1.0a1.dev3         1.0.0~a1~dev3
//     1.0.post1          1.0.0.post1      letters sort before the numbers of 1.0.0.1
//     1.0+cpu.1          1.0.0^cpu.1      after the end, before everything else
import { parseVersion, type Version } from '@pinpack/python-dist';

export interface RpmVersion {
  epoch?: number;
  version: string;
}

const FEWEST_NUMBERS = 3;

/** @param text - a PEP 440 version. @throws DistError `DIST_VERSION_INVALID` */
export function rpmVersion(text: string): RpmVersion {
  return rpmVersionOf(parseVersion(text));
}

export function rpmVersionOf(version: Version): RpmVersion {
  const local = version.local === undefined ? '' : `^${version.local.join('.')}`;
  return { ...(version.epoch > 0 && { epoch: version.epoch }), version: `${publicVersion(version)}${local}` };
}

/** `epoch:version`, as relations write it. */
export function formatRpmVersion({ epoch, version }: RpmVersion): string {
  return epoch === undefined ? version : `${epoch}:${version}`;
}

function publicVersion({ release, pre, post, dev }: Version): string {
  const isPlain = pre === undefined && post === undefined;
  return [
    padRelease(release),
    pre === undefined ? '' : `~${pre.kind}${pre.number}`,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `${isPlain ? '~~' : '~'}dev${dev}`,
  ].join('');
}

/** `version-release` as in RPM file names, without epoch. @param version - PEP 440 */
export function formatVersionRelease({ version, release }: { version: string; release: number }): string {
  return `${rpmVersion(version).version}-${release}`;
}

/** `[epoch:]version-release`, as rpm compares it. @param version - PEP 440 */
export function formatRpmEvr({ version, release }: { version: string; release: number }): string {
  return `${formatRpmVersion(rpmVersion(version))}-${release}`;
}

/** The release's numbers without trailing zeros, and then at least three. */
export function padRelease(release: readonly number[]): string {
  const numbers = [...release];
  while (numbers.at(-1) === 0) numbers.pop();
  while (numbers.length < FEWEST_NUMBERS) numbers.push(0);
  return numbers.join('.');
}
