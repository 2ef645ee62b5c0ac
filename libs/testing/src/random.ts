/** Generates pseudo-random test cases, the same in every run. */

export interface Random {
  /** A number from 0 up to the limit, without it. */
  readonly below: (limit: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** What `draw` gives, or nothing: once in so many times. */
  readonly rarely: (times: number, draw: () => string) => string;
  /** The text, or nothing, each as often. */
  readonly maybe: (text: string) => string;
}

/** The generator mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    below,
    pick,
    rarely: (times, draw) => (below(times) === 0 ? draw() : ''),
    maybe: (text) => (below(2) === 0 ? text : ''),
  };
}

/** `count` cases of the same generator. */
export function drawCases<Case>(seed: number, count: number, draw: (random: Random) => Case): Case[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => draw(random));
}
