/** Mutated inputs for readers of untrusted files. `npm run fuzz` sets PINPACK_FUZZ_RUNS, the number of cases of each property. */
import { seededRandom, type Random } from './random.js';

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff];
const MAX_CHANGES = 4;
/** For numbers of one byte up to a field of eight. */
const MAX_FIELD = 8;

/** How many cases a property tries. @param usual - without PINPACK_FUZZ_RUNS */
export function fuzzRuns(usual: number): number {
  return Number(process.env.PINPACK_FUZZ_RUNS ?? usual);
}

/**
 * Parameters of fast-check. Without PINPACK_FUZZ_RUNS and PINPACK_NIGHTLY the cases are the same in every run, so that the result of CI depends on the
 * change alone.
 *
 * @param usual - without PINPACK_FUZZ_RUNS
 */
export function fuzzParameters(usual: number): { numRuns: number; seed?: number } {
  const isVarying = process.env.PINPACK_FUZZ_RUNS !== undefined || process.env.PINPACK_NIGHTLY === '1';
  return { numRuns: fuzzRuns(usual), ...(!isVarying && { seed: 1 }) };
}

/**
 * The options of a property's test: time for its cases, also on a loaded machine.
 *
 * @param milliseconds - of one case; more where each starts programs
 */
export function fuzzOptions(usual: number, milliseconds = 60): { timeout: number } {
  return { timeout: 120_000 + fuzzRuns(usual) * milliseconds };
}

/** A copy with up to four changes: bits flipped, fields overwritten, pieces removed, repeated, moved, cut off or taken from another sample. */
export function mutate(sample: Uint8Array, random: Random, others: readonly Uint8Array[] = [sample]): Buffer {
  let data = Buffer.from(sample);
  for (let change = 0; change <= random.below(MAX_CHANGES); change++) data = changeOnce(data, random, others);
  return data;
}

function changeOnce(data: Buffer<ArrayBuffer>, random: Random, others: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const at = random.below(data.length + 1);
  const end = Math.min(data.length, at + 1 + random.below(random.pick([4, 64, 4096])));
  switch (random.below(7)) {
    case 0:
      if (at < data.length) data[at] = (data[at] ?? 0) ^ (1 << random.below(8));
      return data;
    case 1:
      data.fill(random.pick(INTERESTING), at, Math.min(data.length, at + 1 + random.below(MAX_FIELD)));
      return data;
    case 2:
      return Buffer.concat([data.subarray(0, at), data.subarray(end)]);
    case 3:
      return Buffer.concat([data.subarray(0, end), data.subarray(at)]);
    case 4:
      return data.subarray(0, at);
    case 5: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return Buffer.concat([data.subarray(0, at), other.subarray(from, from + (end - at)), data.subarray(end)]);
    }
    default:
      return Buffer.concat([data.subarray(end), data.subarray(0, end)]);
  }
}

export interface Fuzzed {
  samples: readonly Uint8Array[];
  /** Without PINPACK_FUZZ_RUNS. */
  usual: number;
}

/** Calls `check` with mutated samples, the same in every run. A failure names the case, which `mutatedCase` gives again. */
export async function fuzz(
  { samples, usual }: Fuzzed,
  check: (data: Buffer, random: Random) => unknown,
): Promise<void> {
  for (let number = 0; number < fuzzRuns(usual); number++) {
    const { data, random } = mutatedCase(samples, number);
    try {
      await check(data, random);
    } catch (cause) {
      const shown = data.length > 400 ? `${data.toString('latin1', 0, 400)}…` : data.toString('latin1');
      throw new Error(`case ${number}, ${data.length} bytes: ${JSON.stringify(shown)}`, { cause });
    }
  }
}

export function mutatedCase(samples: readonly Uint8Array[], number: number): { data: Buffer; random: Random } {
  const random = seededRandom(number);
  return { data: mutate(random.pick(samples), random, samples), random };
}
