// What `verify` has seen of a set: older publications are refused from then on. Kept in a file of the checking machine.
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { parseJson } from '@pinpack/common/json';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';

const SEEN = z.object({
  format: z.literal(1),
  label: z.string(),
  /** Armored. */
  publicKey: z.string(),
  sequence: z.int(),
  publication: z.string(),
});

export type SeenPublication = Omit<z.output<typeof SEEN>, 'format'>;

/** undefined if nothing was seen. @throws PinpackError `PINPACK_SEEN_INVALID`: a damaged file must not make the check forget */
export async function readSeen(path: string): Promise<SeenPublication | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedIfAbsent);
  if (text === undefined) return undefined;
  const seen = parseJson(text, SEEN);
  if (seen !== undefined) return seen;
  throw new PinpackError('PINPACK_SEEN_INVALID', path, [
    'is not what verify wrote about the publications that it has seen',
    'Restore the file. If you remove it, the next check accepts any key and any publication once',
  ]);
}

export async function writeSeen(
  path: string,
  { label, publicKey, sequence, publication }: SeenPublication,
): Promise<void> {
  const text = JSON.stringify({ format: 1, label, publicKey, sequence, publication }, undefined, 2);
  await writeFileAtomically(path, [Buffer.from(`${text}\n`)]);
}
