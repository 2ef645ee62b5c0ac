// What the target `rpm` of a pin finds out while it reads the wheel: kept in a small file in the RPM, for pinpack-runtime, and in another beside it,
// so that no application's RPM reads its wheels again.
import { PackagingError } from '../packaging-error.js';

export interface CanonicalFacts {
  /** The canonical wheel's file name. */
  wheel: string;
  /** `numpy-2.4.6.dist-info` */
  distInfo: string;
  /** Of the canonical wheel, in hex. */
  sha256: string;
  /** Absent where it is `tree`. */
  layout?: 'stored';
}

/** Format 1 of libs/pinpack-runtime (wheel_facts.py). */
export function formatCanonicalFacts({ wheel, distInfo, sha256, layout }: CanonicalFacts): string {
  return `${JSON.stringify({ format: 1, wheel, distInfo, sha256, ...(layout && { layout }) }, null, 2)}\n`;
}

/**
 * @param text - undefined where there is no such file
 * @param project - that makes the file
 * @throws PackagingError `PINPACK_CANONICAL_FACTS`
 */
export function parseCanonicalFacts(text: string | undefined, file: string, project: string): CanonicalFacts {
  const facts = text === undefined ? undefined : tryParse(text);
  if (facts !== undefined) return facts;
  throw new PackagingError('PINPACK_CANONICAL_FACTS', file, [
    text === undefined ? 'there is no such file' : 'is damaged',
    `Make it again: nx run ${project}:rpm --skip-nx-cache`,
  ]);
}

function tryParse(text: string): CanonicalFacts | undefined {
  try {
    const { wheel, distInfo, sha256, layout } = JSON.parse(text) as Partial<CanonicalFacts>;
    if (typeof wheel !== 'string' || typeof distInfo !== 'string') return undefined;
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    return { wheel, distInfo, sha256, ...(layout === 'stored' && { layout }) };
  } catch {
    return undefined;
  }
}
