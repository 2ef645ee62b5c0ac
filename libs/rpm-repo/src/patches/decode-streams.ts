// Applies the streams of a patch in memory, to compare a new patch with what it must give. Pure.
import type { PatchStreams } from './patch-streams.js';

/** @returns undefined if the streams do not fit */
export function decodeStreams(old: Buffer, streams: PatchStreams, size: number): Buffer | undefined {
  const fresh = Buffer.alloc(size);
  const control = new Numbers(streams.control);
  const [copies, lengths] = [new Numbers(streams.copies), new Numbers(streams.lengths)];
  let [at, position, difference, literal] = [0, 0, 0, 0];
  while (at < size && !control.isAtEnd) {
    position += control.nextSigned();
    for (let pairs = control.next(); pairs > 0; pairs--) {
      const copied = copies.next();
      old.copy(fresh, at, position, position + copied);
      [at, position] = [at + copied, position + copied];
      for (let left = lengths.next(); left > 0; left--)
        fresh[at++] = ((old[position++] ?? 0) + (streams.differences[difference++] ?? 0)) & 0xff;
    }
    const literals = control.next();
    streams.literals.copy(fresh, at, literal, literal + literals);
    [at, literal] = [at + literals, literal + literals];
  }
  return at === size && control.isAtEnd ? fresh : undefined;
}

class Numbers {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  next(): number {
    let [value, factor] = [0, 1];
    for (; ; factor *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  nextSigned(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
