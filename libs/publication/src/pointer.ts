// The switch to another release: one small object, replaced by compare and swap, so that of two who switch at once neither is lost unseen.
import { StoreError } from '@pinpack/build-store';
import { publishedBytes } from './published-files.js';
import { encodePointer, parsePointer, pointerPath } from './publication-paths.js';
import type { PublicationTarget } from './publication-target.js';

export interface PointerRequest {
  label: string;
  id: string;
  /** How readers reach the publication, without a slash at its end. */
  url: string;
  /** Whether the pointer that is there may be replaced. @param id - of the release that it points to; undefined for none */
  mayReplace: (id: string | undefined) => boolean;
}

export interface Pointed {
  isDone: boolean;
  /** What it pointed to before; where it isn't done, what it points to. */
  id: string | undefined;
}

const LIMIT = 64 * 1024;
const TURNS = 20;

/** @throws StoreError `STORE_UNREACHABLE` when others change it again and again */
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
    'others change it all the time. Try again later',
  );
}
