// What the target `rpm` of a pin finds out while it reads the wheel, and an application's manifest needs: kept in a small file beside the RPM,
// so that no application reads its wheels again.
import type { CanonicalWheelSummary, Wheel } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';

export interface CanonicalFacts {
  /** The canonical wheel's file name. */
  wheel: string;
  /** `numpy-2.4.6.dist-info` */
  distInfo: string;
  /** Of the canonical wheel, in hex. */
  sha256: string;
  /** Of the canonical wheel, in bytes. */
  size: number;
}

export function formatCanonicalFacts(
  wheel: Pick<Wheel, 'fileName' | 'distInfo'>,
  canonical: CanonicalWheelSummary,
): string {
  const facts: CanonicalFacts = {
    wheel: wheel.fileName,
    distInfo: wheel.distInfo,
    sha256: canonical.sha256,
    size: canonical.size,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/**
 * @param text - undefined where there is no such file
 * @param project - that makes the file
 * @throws PinpackError `PINPACK_CANONICAL_FACTS`
 */
export function parseCanonicalFacts(text: string | undefined, file: string, project: string): CanonicalFacts {
  const facts = text === undefined ? undefined : tryParse(text);
  if (facts !== undefined) return facts;
  throw new PinpackError('PINPACK_CANONICAL_FACTS', file, [
    text === undefined ? 'there is no such file' : 'is damaged',
    `Make it again: nx run ${project}:rpm --skip-nx-cache`,
  ]);
}

function tryParse(text: string): CanonicalFacts | undefined {
  try {
    const { wheel, distInfo, sha256, size } = JSON.parse(text) as Partial<CanonicalFacts>;
    if (typeof wheel !== 'string' || typeof distInfo !== 'string' || typeof size !== 'number') return undefined;
    return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? { wheel, distInfo, sha256, size } : undefined;
  } catch {
    return undefined;
  }
}
