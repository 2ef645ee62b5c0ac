// Replaces the pointer to the latest publication by compare-and-swap, so that concurrent publishers notice each other.
import { StoreError } from '@pinpack/build-store';
import { publishedBytes } from './published-files.js';
import { encodePointer, parsePointer, pointerPath } from './publication-paths.js';
import type { PublicationTarget } from './publication-target.js';

export interface PointerRequest {
  label: string;
  id: string;
  /** Public base URL of the publications, without a trailing slash. */
  url: string;
  /** Decides whether to replace the current pointer. @param id - its publication; undefined without a pointer */
  mayReplace: (id: string | undefined) => boolean;
}

export interface Pointed {
  isDone: boolean;
  /** The previous publication; the current one if the pointer was not replaced. */
  id: string | undefined;
}

const LIMIT = 64 * 1024;
const TURNS = 20;

/** @throws StoreError `STORE_UNREACHABLE` if other publishers keep changing the pointer */
export async function pointTo(
  target: PublicationTarget,
  { label, id, url, mayReplace }: PointerRequest,
): Promise<Pointed> {
  const path = pointerPath(label);
  const file = publishedBytes(path, encodePointer(url, label, id));
  for (let turn = 0; turn < TURNS; turn++) {
    const current = await target.read(path, LIMIT);
    const pointed = current && parsePointer(current.bytes);
    if (current !== undefined && Buffer.from(current.bytes).equals(Buffer.from(encodePointer(url, label, id)))) {
      return { isDone: true, id: pointed };
    }
    if (pointed !== id && !mayReplace(pointed)) return { isDone: false, id: pointed };
    const expected = current === undefined ? 'absent' : { version: current.version };
    if (await target.replace(path, file, expected)) return { isDone: true, id: pointed };
  }
  throw new StoreError(
    'STORE_UNREACHABLE',
    `${target.location}/${path}`,
    `other publishers changed it ${TURNS} times. Try again later`,
  );
}
