/** Delta RPMs by deltarpm: made from the RPM of an earlier release, and verified by applying them before they are kept. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { findProgram, tryProgram } from './program.js';

export interface DeltaRequest {
  /** Paths of the RPMs, as they are published. */
  oldRpm: string;
  newRpm: string;
  /** An existing folder for the delta and the rebuilt RPM; the caller removes it. */
  work: string;
  /** A delta of more than this share of the new RPM is refused: 0.8. */
  share: number;
}

export interface Delta {
  /** In `work`. */
  path: string;
  size: number;
  sha256: string;
  /** What the installed package must be like, as `applydeltarpm -s` and prestodelta.xml take it. */
  sequence: string;
}

/** The reason why there is no delta, for messages: `the delta's 13000000 bytes are …`. */
export interface Refusal {
  refused: string;
}

/**
 * deltarpm compresses a delta as its new RPM is, unless an argument says otherwise. xz makes it smaller, depends on no version
 * of a library on the server, and is needed if the RPM is not compressed. Added data is compressed separately; deltarpm supports only bzip2 there.
 */
export const DELTA_ARGUMENTS: readonly string[] = ['-z', 'xz.6,bzip2'];

/** deltarpm counts with 31 bits: beyond that it makes deltas that it cannot apply. */
const LARGEST = 2 ** 31 - 1;

/** @throws RepoError `REPO_PROGRAM_MISSING` */
export async function makeDelta(request: DeltaRequest): Promise<Delta | Refusal> {
  const { oldRpm, newRpm, work, share } = request;
  const { size: fullSize } = await stat(newRpm);
  const path = join(work, 'delta.drpm');
  const sequenceFile = join(work, 'sequence');
  const made = await tryProgram('makedeltarpm', [...DELTA_ARGUMENTS, '-s', sequenceFile, oldRpm, newRpm, path]);
  if (made.failed) return { refused: `makedeltarpm can't make one: ${made.outputTail}` };
  const { size } = await stat(path);
  if (size > share * fullSize) return { refused: tooLarge(size, fullSize, share) };
  const problem = await verify(request, path);
  if (problem !== undefined) return { refused: problem };
  const sequence = (await readFile(sequenceFile, 'utf8')).trim();
  return { path, size, sha256: await sha256OfFile(path), sequence };
}

/** Why RPMs of this much content get no delta. @param contentSize - of the payload, unpacked, in bytes */
export function refuseContent(contentSize: number): Refusal | undefined {
  if (contentSize <= LARGEST) return undefined;
  return { refused: `its content is ${contentSize} bytes, and deltarpm can't count beyond ${LARGEST}` };
}

function tooLarge(size: number, fullSize: number, share: number): string {
  const percent = (part: number) => `${Math.round(part * 100)}%`;
  return `the delta's ${size} bytes are ${percent(size / fullSize)} of the RPM's ${fullSize}, more than ${percent(share)}`;
}

async function verify({ oldRpm, newRpm, work }: DeltaRequest, delta: string): Promise<string | undefined> {
  const rebuilt = join(work, 'rebuilt.rpm');
  try {
    const applied = await tryProgram('applydeltarpm', ['-r', oldRpm, delta, rebuilt]);
    if (applied.failed) return `applydeltarpm can't apply it: ${applied.outputTail}`;
    const [expected, found] = await Promise.all([sha256OfFile(newRpm), sha256OfFile(rebuilt)]);
    return expected === found ? undefined : 'the RPM that applydeltarpm rebuilds differs from the new RPM';
  } finally {
    await rm(rebuilt, { force: true });
  }
}

/** The digest of makedeltarpm, which determines a delta's bytes; the program prints no version. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function deltaProgramDigest(): Promise<string> {
  return sha256OfFile(await findProgram('makedeltarpm'));
}
