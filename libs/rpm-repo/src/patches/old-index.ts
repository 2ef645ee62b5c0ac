// Finds the longest match of some bytes in the old bytes: a hash table of all strings of eight bytes, with chains of their positions. Pure.
import { matchLength } from './match-length.js';

export interface Match {
  /** 0: none. */
  length: number;
  /** In the old bytes. */
  position: number;
}

const WIDTH = 8;
const HASH_BITS = 22;
/** Positions of a chain that are compared: more takes longer and finds little. */
const DEPTH = 64;
/** A match of this length is taken without looking for a longer one. */
const LONG = 4096;

export class OldIndex {
  private readonly newest = new Int32Array(1 << HASH_BITS).fill(-1);
  private readonly previous: Int32Array;

  constructor(private readonly old: Buffer) {
    this.previous = new Int32Array(old.length);
    for (let at = 0; at + WIDTH <= old.length; at++) {
      const hash = hashOf(old, at);
      const newest = this.newest[hash] ?? -1;
      // In a run of one byte every position has the same hash: a chain of them all would hide the others.
      if (newest === at - 1 && at > 0 && isRun(old, at)) this.previous[at] = this.previous[at - 1] ?? -1;
      else this.previous[at] = newest;
      this.newest[hash] = at;
    }
  }

  /** @param expected - a position in the old bytes that is tried first, and may be outside of them */
  find(fresh: Buffer, at: number, expected: number): Match {
    const { old, previous } = this;
    const best: Match = { length: 0, position: 0 };
    if (at + WIDTH > fresh.length) return best;
    if (expected >= 0 && expected < old.length) {
      best.length = matchLength(old, expected, fresh, at);
      best.position = expected;
    }
    let candidate = this.newest[hashOf(fresh, at)] ?? -1;
    for (let tried = 0; candidate >= 0 && tried < DEPTH && best.length < LONG; tried++) {
      // The byte behind the best match decides whether this one can be longer.
      if (best.length === 0 || old[candidate + best.length] === fresh[at + best.length]) {
        const length = matchLength(old, candidate, fresh, at);
        if (length > best.length) Object.assign(best, { length, position: candidate });
      }
      candidate = previous[candidate] ?? -1;
    }
    return best;
  }
}

function isRun(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < WIDTH; i++) if (bytes[at + i] !== bytes[at - 1]) return false;
  return true;
}

function hashOf(bytes: Buffer, at: number): number {
  const low =
    byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24) | 0;
  const high =
    byte(bytes, at + 4) | (byte(bytes, at + 5) << 8) | (byte(bytes, at + 6) << 16) | (byte(bytes, at + 7) << 24) | 0;
  return (Math.imul(low, 0x9e3779b1) ^ (Math.imul(high, 0x85ebca6b) + (low >>> 15))) >>> (32 - HASH_BITS);
}

function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}
