/** What tests ask of a file: its digest, and rpm's own reading of an RPM. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readProgram } from '@pinpack/common/program';

/** The sha256 of a file, in lower-case hex. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The output of `rpm -qp` with `args` on one RPM file: `rpmQuery(rpm, ['--requires'])`. */
export async function rpmQuery(rpm: string, args: readonly string[]): Promise<string> {
  return readProgram('rpm', ['-qp', '--nosignature', ...args, rpm]);
}
