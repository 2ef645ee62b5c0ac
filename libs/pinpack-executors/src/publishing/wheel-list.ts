// Reads and writes wheels.json of a publication: the facts of its wheels for a simple index, so that an index over several publications can be made without
// reading the wheels again.
import type { IndexedWheel } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';

/** A wheel of a publication, without a path, which depends on the page that lists it. */
export type ListedWheel = Omit<IndexedWheel, 'folder'>;

export const WHEEL_LIST = 'wheels.json';
const FORMAT = 1;

export function formatWheelList(wheels: readonly ListedWheel[]): string {
  const sorted = [...wheels].sort((one, other) => (one.fileName < other.fileName ? -1 : 1));
  return `${JSON.stringify({ format: FORMAT, wheels: sorted }, null, 1)}\n`;
}

/** @throws PinpackError `PINPACK_RELEASE_INVALID` */
export function parseWheelList(subject: string, bytes: Uint8Array): ListedWheel[] {
  const list = parseJson(bytes) as { format?: unknown; wheels?: unknown } | undefined;
  if (list?.format !== FORMAT || !Array.isArray(list.wheels) || !list.wheels.every(isListed)) {
    throw new PinpackError(
      'PINPACK_RELEASE_INVALID',
      subject,
      `is not a list of wheels of format ${FORMAT}. Publish again.`,
    );
  }
  return list.wheels;
}

function isListed(value: unknown): value is ListedWheel {
  if (typeof value !== 'object' || value === null) return false;
  const { name, version, fileName, size, sha256 } = value as Record<string, unknown>;
  const areTexts = [name, version, fileName, sha256].every((text) => typeof text === 'string');
  return areTexts && typeof size === 'number';
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch {
    return undefined;
  }
}
