// The digest of an RPM, which its task records as an output of its own beside the RPM. `repo` signs no other file: one that was put in its place in dist/ or
// in a cache has another digest.
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';
import { readIfThere } from '../workspace/files.js';

export interface RpmDigest {
  /** The file name of the RPM. */
  file: string;
  /** Of the file, in hex. */
  sha256: string;
}

const DIGEST = z.object({
  format: z.literal(1),
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** @param path - see `rpmDigestFile` */
export async function writeRpmDigest(root: string, path: string, { file, sha256 }: RpmDigest): Promise<void> {
  await writeFileAtomically(join(root, path), [Buffer.from(`${JSON.stringify({ format: 1, file, sha256 })}\n`)]);
}

/** @param project - makes the RPM. @throws PinpackError `PINPACK_RPM_DIFFERS` */
export function readRpmDigest(root: string, path: string, project: string): RpmDigest {
  const text = readIfThere(join(root, path));
  const digest = text === undefined ? undefined : parseJson(text, DIGEST);
  if (digest !== undefined) return digest;
  throw new PinpackError('PINPACK_RPM_DIFFERS', path, [
    text === undefined ? 'the digest of the RPM is missing' : 'the digest of the RPM is damaged',
    `Build the RPM again: nx run ${project}:rpm --skip-nx-cache`,
  ]);
}
