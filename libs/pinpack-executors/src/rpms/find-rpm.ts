// Finds built RPMs by name, and reads the exact requirements in their headers.
import { join } from 'node:path';
import type { HeaderTags } from '@pinpack/rpm-gen';
import { PinpackError } from '../pinpack-error.js';
import { rpmPattern } from '@pinpack/rpm-packaging';
import { listFolder } from '../workspace/files.js';

export interface WantedRpm {
  /** Relative to the root. */
  folder: string;
  name: string;
  /** `version-release`, without epoch; undefined accepts any version. */
  version?: string | undefined;
}

/** The path of the only RPM of a name, relative to the root. @throws PinpackError `PINPACK_RPM_MISSING` */
export async function findRpm(root: string, { folder, name, version }: WantedRpm): Promise<string> {
  const files = (await listFolder(join(root, folder))).filter((file) => rpmPattern(name).test(file));
  const fitting = files.filter((file) => version === undefined || file.startsWith(`${name}-${version}.`));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return `${folder}/${only}`;
  const wanted = version === undefined ? name : `${name}-${version}`;
  throw new PinpackError('PINPACK_RPM_MISSING', wanted, [
    `found ${fitting.length} RPMs in ${folder}, expected one`,
    `Make it: nx run ${name}:rpm`,
  ]);
}

/**
 * The paths of several RPMs, in the same order, as `file`.
 *
 * @param subject - the project that needs them
 * @param problem - the first line of the message, before the list of missing RPMs
 * @throws PinpackError `PINPACK_RPM_MISSING` with every missing RPM
 */
export async function findRpms<Wanted extends WantedRpm>(
  root: string,
  wanted: readonly Wanted[],
  subject: string,
  problem: string,
): Promise<(Wanted & { file: string })[]> {
  const results = await Promise.allSettled(wanted.map(async (one) => ({ ...one, file: await findRpm(root, one) })));
  const missing = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const other = missing.find((reason) => !(reason instanceof PinpackError));
  if (other !== undefined) throw other;
  if (missing.length > 0) {
    throw new PinpackError('PINPACK_RPM_MISSING', subject, [problem, ...missing.map(({ message }) => message)]);
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** `version` is `version-release`, without epoch. */
interface ExactRequire {
  name: string;
  version: string;
}

const EQUAL = 8;
const SENSES = 2 | 4 | 8;

/** Pure. The distinct requirements with `=` and a Release. */
export function exactRequires({
  REQUIRENAME = [],
  REQUIREFLAGS = [],
  REQUIREVERSION = [],
}: HeaderTags): ExactRequire[] {
  const all = REQUIRENAME.map((name, index): [string, string] | undefined => {
    const version = REQUIREVERSION[index] ?? '';
    const isExact = ((REQUIREFLAGS[index] ?? 0) & SENSES) === EQUAL && version.includes('-');
    return isExact ? [name, version.replace(/^\d+:/, '')] : undefined;
  });
  const unique = new Map(all.filter((require) => require !== undefined));
  return [...unique].map(([name, version]) => ({ name, version }));
}
