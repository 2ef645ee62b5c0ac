/** Compresses as strongly as xz can, for data that need not be those of another tool. */
import { compressChunks } from './compressor.js';

/** Bytes of the dictionary at most, which is the memory of the decoder. */
const LARGEST_DICTIONARY = 64 << 20;
const SMALLEST_DICTIONARY = 4096;
/** Numbers compress better without context, text and code with it: the smaller result is taken. */
const MODELS = [
  { lc: 3, lp: 0, pb: 2 },
  { lc: 0, lp: 0, pb: 0 },
];
/** From this size on one model is tried, with less effort: the rest rarely gains a percent there, and takes minutes. */
const LARGE = 8 << 20;
const MOST_EFFORT = { niceLength: 273, depth: 512 };
const USUAL_EFFORT = { niceLength: 64, depth: 0 };

/** One xz stream with CRC32; nothing for nothing. */
export async function compressStrongly(data: Buffer): Promise<Buffer> {
  if (data.length === 0) return data;
  let best: Buffer | undefined;
  for (const model of data.length > LARGE ? MODELS.slice(0, 1) : MODELS) {
    const compressed = await compress(data, model);
    if (best === undefined || compressed.length < best.length) best = compressed;
  }
  return best ?? data;
}

async function compress(data: Buffer, { lc, lp, pb }: (typeof MODELS)[number]): Promise<Buffer> {
  const dictionary = Math.min(Math.max(data.length, SMALLEST_DICTIONARY), LARGEST_DICTIONARY);
  const { niceLength, depth } = data.length > LARGE ? USUAL_EFFORT : MOST_EFFORT;
  const values = [dictionary, lc, lp, pb, niceLength, depth];
  return Buffer.concat(await compressChunks({ library: 'xz', open: 'open_lzma2', arguments: values }, [data]));
}
