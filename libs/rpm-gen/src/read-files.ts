/** The two ways to write an RPM in memory: archives of moderate size as a whole, with the faster native compressor, and larger ones as a stream. */
import { planArchive } from './archive.js';
import type { Compression } from './compression.js';
import { sortEntries, type RpmEntry } from './entries.js';
import { compressArchive, readArchive } from './payload.js';
import { encodeRpm, encodeRpmHead, type EncodedRpm } from './rpm.js';
import type { RpmSpec } from './spec.js';
import { MemorySpool, streamPayload } from './stream-payload.js';

/** Bytes. Two archives of this size, compressed or read at a time, take less than 200 MB with Node. */
const LARGEST_WHOLE = 64 * 1024 * 1024;

export interface ReadFiles {
  /** What is left to do when the files are read and the spec is known. */
  encode: (spec: RpmSpec) => Promise<EncodedRpm>;
}

/** Reads each file once. The bytes don't depend on the size from which archives are streamed. */
export async function readFiles(
  entries: readonly RpmEntry[],
  compression: Compression,
  largestWhole = LARGEST_WHOLE,
): Promise<ReadFiles> {
  if (planArchive(sortEntries(entries)).size <= largestWhole) {
    const archive = await readArchive(entries);
    return { encode: async (spec) => encodeRpm(spec, await compressArchive(archive, compression)) };
  }
  const spool = new MemorySpool();
  const payload = await streamPayload(entries, compression, spool);
  const pieces = spool.read();
  return {
    encode: async (spec) => {
      const { chunks, size } = await encodeRpmHead(spec, payload, () => pieces);
      return { chunks: [...chunks, ...pieces], size: size + payload.size };
    },
  };
}
