// The facts about a canonical wheel that target `rpm` of a pin records: in the RPM for pinpack-runtime, and in a file beside the RPM, so that
// application RPMs need not read their wheels again.
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { PackagingError } from '../packaging-error.js';

export interface CanonicalFacts {
  /** The canonical wheel's file name. */
  wheel: string;
  /** `numpy-2.4.6.dist-info` */
  distInfo: string;
  /** Of the canonical wheel, in hex. */
  sha256: string;
  /** Absent for layout `tree`. */
  layout?: 'stored';
}

const FACTS = z.object({
  wheel: z.string(),
  distInfo: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  layout: z.literal('stored').exactOptional(),
});

/** Format 1 of libs/pinpack-runtime (wheel_facts.py). */
export function formatCanonicalFacts({ wheel, distInfo, sha256, layout }: CanonicalFacts): string {
  return `${JSON.stringify({ format: 1, wheel, distInfo, sha256, ...(layout && { layout }) }, null, 2)}\n`;
}

/**
 * @param text - undefined if the file does not exist
 * @param project - the project that creates the file
 * @throws PackagingError `PINPACK_CANONICAL_FACTS`
 */
export function parseCanonicalFacts(text: string | undefined, file: string, project: string): CanonicalFacts {
  const facts = text === undefined ? undefined : parseJson(text, FACTS);
  if (facts !== undefined) return facts;
  throw new PackagingError('PINPACK_CANONICAL_FACTS', file, [
    text === undefined ? 'does not exist' : 'is damaged',
    `Build it again: nx run ${project}:rpm --skip-nx-cache`,
  ]);
}
