/**
 * Plans a patch: first the files that did not change, by path, then the differences of the rest. Only the rest is searched, which bounds time and memory,
 * and a file of the rest can resemble any other one: one that was renamed, or the one that its code was moved from. Pure.
 */
import { listMembers, type Member } from './archive-members.js';
import { planSegments, type Segment } from './plan-segments.js';

/** The bytes of an RPM that a patch is made of. */
export interface RpmParts {
  /** Of the old RPM the header with its magic; of the new one everything before the payload. */
  head: Buffer;
  /** The uncompressed payload. */
  payload: Buffer;
}

/** Sorted by `fresh`, without overlaps. Positions are those in head and payload, one after the other. @returns undefined for archives of another form */
export function planPatch(old: RpmParts, fresh: RpmParts): Segment[] | undefined {
  const [oldMembers, freshMembers] = [listMembers(old.payload), listMembers(fresh.payload)];
  if (oldMembers === undefined || freshMembers === undefined) return undefined;
  const oldByPath = new Map(oldMembers.map((member) => [member.path, member]));
  const unchanged: Segment[] = [];
  const [oldRest, freshRest] = [new Rest(old), new Rest(fresh)];
  const used = new Set<Member>();
  for (const member of freshMembers) {
    const same = oldByPath.get(member.path);
    if (same !== undefined && isSame(old.payload, same, fresh.payload, member)) {
      used.add(same);
      const start = { fresh: fresh.head.length + member.start, old: old.head.length + same.start };
      unchanged.push({ ...start, length: member.end - member.start });
    } else freshRest.add(member);
  }
  for (const member of oldMembers) if (!used.has(member)) oldRest.add(member);
  const changed = planSegments(oldRest.bytes(), freshRest.bytes()).flatMap((segment) => [
    ...splitSegment(segment, oldRest, freshRest),
  ]);
  return joinSegments([...unchanged, ...changed].sort((a, b) => a.fresh - b.fresh));
}

function isSame(old: Buffer, a: Member, fresh: Buffer, b: Member): boolean {
  return a.end - a.start === b.end - b.start && old.compare(fresh, b.start, b.end, a.start, a.end) === 0;
}

/** The head and some of the members, one after the other. */
class Rest {
  private readonly pieces: { rest: number; whole: number; length: number }[];
  private readonly buffers: Buffer[];
  private size: number;

  constructor(private readonly parts: RpmParts) {
    this.size = parts.head.length;
    this.pieces = [{ rest: 0, whole: 0, length: this.size }];
    this.buffers = [parts.head];
  }

  add({ start, end }: Member): void {
    this.pieces.push({ rest: this.size, whole: this.parts.head.length + start, length: end - start });
    this.buffers.push(this.parts.payload.subarray(start, end));
    this.size += end - start;
  }

  bytes(): Buffer {
    return Buffer.concat(this.buffers);
  }

  /** Where a byte of the rest is in the whole, and how many bytes follow it there. */
  locate(position: number): { whole: number; remaining: number } {
    let [low, high] = [0, this.pieces.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.pieces[middle]?.rest ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const { rest, whole, length } = this.pieces[low] ?? { rest: 0, whole: 0, length: 0 };
    return { whole: whole + position - rest, remaining: rest + length - position };
  }
}

/** Pieces of a segment are apart in the whole where its neighbours are not part of the rest. */
function* splitSegment(segment: Segment, old: Rest, fresh: Rest): Generator<Segment> {
  for (let done = 0; done < segment.length;) {
    const from = old.locate(segment.old + done);
    const to = fresh.locate(segment.fresh + done);
    const length = Math.min(segment.length - done, from.remaining, to.remaining);
    yield { fresh: to.whole, old: from.whole, length };
    done += length;
  }
}

function joinSegments(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const follows = last?.fresh === segment.fresh - (last?.length ?? 0) && last.old + last.length === segment.old;
    if (last !== undefined && follows) last.length += segment.length;
    else joined.push({ ...segment });
  }
  return joined;
}
