/** Writes an RPM in memory whose spec depends on its files. */
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { encodeRpmHead, type EncodedRpm } from './rpm.js';
import type { RpmSpec } from './spec.js';
import { MemorySpool, streamPayload } from './stream-payload.js';

export interface ReadFiles {
  /** What is left to do when the files are read and the spec is known. */
  encode: (spec: RpmSpec) => Promise<EncodedRpm>;
}

/** Reads each file once, and compresses what it reads in another thread. */
export async function readFiles(entries: readonly RpmEntry[], compression: Compression): Promise<ReadFiles> {
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
