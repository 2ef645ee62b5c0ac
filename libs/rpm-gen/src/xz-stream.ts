// Compresses as strongly as xz can, for data that is not an RPM's payload. Loads liblzma when needed.
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
const MOST_EFFORT = { niceLen: 273, depth: 512 };
const USUAL_EFFORT = { niceLen: 64, depth: 0 };

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

async function compress(data: Buffer, model: (typeof MODELS)[number]): Promise<Buffer> {
  const { default: lzma } = await import('lzma-native');
  const options = {
    ...model,
    dictSize: Math.min(Math.max(data.length, SMALLEST_DICTIONARY), LARGEST_DICTIONARY),
    ...{ mode: lzma.MODE_NORMAL, mf: lzma.MF_BT4 },
    ...(data.length > LARGE ? USUAL_EFFORT : MOST_EFFORT),
  };
  const stream = lzma.createStream('streamEncoder', {
    filters: [{ id: lzma.FILTER_LZMA2, options }],
    check: lzma.CHECK_CRC32,
  });
  stream.end(data);
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}
