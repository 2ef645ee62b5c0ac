/** The two ways to write an RPM in memory: archives of moderate size as a whole, with the faster native compressor, and larger ones as a stream. */
import { LARGEST_WHOLE } from '@pinpack/compression';
import type { Compression } from './compression.js';
import { sortEntries, type RpmEntry } from './entries.js';
import { compressArchive, readSorted } from './payload.js';
import { encodeRpm, encodeRpmHead, type EncodedRpm } from './rpm.js';
import type { RpmSpec } from './spec.js';
import { MemorySpool, streamSorted } from './stream-payload.js';

export interface ReadFiles {
  /** What is left to do when the files are read and the spec is known. */
  encode: (spec: RpmSpec) => Promise<EncodedRpm>;
}

/** Reads each file once. The bytes don't depend on the size of the files from which archives are streamed. */
export async function readFiles(
  entries: readonly RpmEntry[],
  compression: Compression,
  largestWhole = LARGEST_WHOLE,
): Promise<ReadFiles> {
  const sorted = sortEntries(entries);
  if (sorted.reduce((sum, { size }) => sum + size, 0) <= largestWhole) {
    const archive = await readSorted(sorted);
    return { encode: async (spec) => encodeRpm(spec, await compressArchive(archive, compression)) };
  }
  const spool = new MemorySpool();
  const payload = await streamSorted(sorted, compression, spool);
  const pieces = spool.read();
  return {
    encode: async (spec) => {
      const { chunks, size } = await encodeRpmHead(spec, payload, () => pieces);
      return { chunks: [...chunks, ...pieces], size: size + payload.size };
    },
  };
}
