/**
 * Plans which bytes of the old version resemble which of the new one, as bsdiff does (Colin Percival, "Naive differences of executable code", 2003): a
 * segment starts at an exact match and extends in both directions as long as half of the bytes agree. Pure.
 */
import { matchLength } from './match-length.js';
import { OldIndex, type Match } from './old-index.js';

/** Bytes of the new version that resemble old ones. Those between two segments resemble none. */
export interface Segment {
  /** Where it starts in the new bytes. */
  fresh: number;
  /** Where it starts in the old bytes. */
  old: number;
  length: number;
}

/** A match has to exceed what the last segment matches by this many bytes to start a segment of its own. In text a segment costs more than the few literals that it saves. */
const GAIN = { binary: 8, text: 32 };
/** Blocks of the new bytes are text if less than this share of them is zero: executables have more, and the digests in an RPM's header less. */
const BLOCK = 4096;
const ZEROS = 1 / 32;
/** The last segment is continued without a search over this many equal bytes. */
const ALIGNED = 32;

/** Sorted by `fresh`, without overlaps. */
export function planSegments(old: Buffer, fresh: Buffer): Segment[] {
  return old.length === 0 || fresh.length === 0 ? [] : new Scan(old, fresh).run();
}

/** A new match, and where it starts in the new bytes; at the end of the new bytes a match of length 0. */
interface Found extends Match {
  at: number;
}

class Scan {
  private readonly index: OldIndex;
  private readonly segments: Segment[] = [];
  /** For each block. */
  private readonly gains: number[];

  constructor(
    private readonly old: Buffer,
    private readonly fresh: Buffer,
  ) {
    this.index = new OldIndex(old);
    this.gains = gainsOf(fresh);
  }

  run(): Segment[] {
    let last = { fresh: 0, old: 0 };
    let found: Found = { at: 0, length: 0, position: 0 };
    while (found.at < this.fresh.length) {
      found = this.nextMatch(found.at + found.length, last.old - last.fresh);
      last = this.endSegment(last, found);
    }
    return this.segments.filter(({ length }) => length > 0);
  }

  /** @param offset - from the new position to the old one, in the last segment */
  private nextMatch(from: number, offset: number): Found {
    const { old, fresh, index } = this;
    const agrees = (position: number) => position + offset >= 0 && old[position + offset] === fresh[position];
    // How many of the bytes from `at` to `counted` the last segment matches.
    let agreeing = 0;
    let counted = from;
    for (let at = from; at < fresh.length; at++) {
      const aligned = at + offset >= 0 ? matchLength(old, at + offset, fresh, at) : 0;
      if (aligned >= ALIGNED) {
        at += aligned;
        [agreeing, counted] = [0, at];
        if (at >= fresh.length) break;
      }
      const match = index.find(fresh, at, at + offset);
      for (; counted < at + match.length; counted++) if (agrees(counted)) agreeing++;
      if (match.length > agreeing + (this.gains[Math.floor(at / BLOCK)] ?? GAIN.binary)) return { ...match, at };
      if (match.length > 0 && match.length === agreeing) {
        at += match.length - 1;
        [agreeing, counted] = [0, at + 1];
      } else if (agrees(at)) {
        agreeing--;
      }
    }
    return { at: fresh.length, length: 0, position: 0 };
  }

  /** Adds the last segment up to where the found match takes over. @returns where the next segment starts */
  private endSegment(last: { fresh: number; old: number }, found: Found): { fresh: number; old: number } {
    const forward = this.extendForward(last, found.at);
    const backward = found.at < this.fresh.length ? this.extendBackward(last.fresh, found) : 0;
    const overlap = last.fresh + forward - (found.at - backward);
    const kept = overlap > 0 ? this.divide(last, found, { forward, backward, overlap }) : { forward, backward };
    this.segments.push({ ...last, length: kept.forward });
    return { fresh: found.at - kept.backward, old: found.position - kept.backward };
  }

  private extendForward(last: { fresh: number; old: number }, end: number): number {
    const { old, fresh } = this;
    const limit = Math.min(end - last.fresh, old.length - last.old);
    let [agreeing, best, bestScore] = [0, 0, 0];
    for (let i = 0; i < limit; i++) {
      if (old[last.old + i] === fresh[last.fresh + i]) agreeing++;
      const score = 2 * agreeing - (i + 1);
      if (score > bestScore) [best, bestScore] = [i + 1, score];
    }
    return best;
  }

  private extendBackward(start: number, { at, position }: Found): number {
    const { old, fresh } = this;
    const limit = Math.min(at - start, position);
    let [agreeing, best, bestScore] = [0, 0, 0];
    for (let i = 1; i <= limit; i++) {
      if (old[position - i] === fresh[at - i]) agreeing++;
      const score = 2 * agreeing - i;
      if (score > bestScore) [best, bestScore] = [i, score];
    }
    return best;
  }

  /** Both segments reach over the same bytes: each gets those that it matches better. */
  private divide(
    last: { fresh: number; old: number },
    found: Found,
    { forward, backward, overlap }: { forward: number; backward: number; overlap: number },
  ): { forward: number; backward: number } {
    const { old, fresh } = this;
    let [score, bestScore, border] = [0, 0, 0];
    for (let i = 0; i < overlap; i++) {
      const inLast = forward - overlap + i;
      const inFound = i - backward;
      if (fresh[last.fresh + inLast] === old[last.old + inLast]) score++;
      if (fresh[found.at + inFound] === old[found.position + inFound]) score--;
      if (score > bestScore) [bestScore, border] = [score, i + 1];
    }
    return { forward: forward + border - overlap, backward: backward - border };
  }
}

function gainsOf(bytes: Buffer): number[] {
  const gains: number[] = [];
  for (let start = 0; start < bytes.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, bytes.length);
    let zeros = 0;
    for (let at = start; at < end; at++) if (bytes[at] === 0) zeros++;
    gains.push(zeros < ZEROS * (end - start) ? GAIN.text : GAIN.binary);
  }
  return gains;
}
