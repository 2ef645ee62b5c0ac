/** A payload in memory. */
import { joined } from '@pinpack/compression';
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { MemorySpool, streamPayload, type PayloadFacts, type PayloadOptions } from './stream-payload.js';

export interface Payload extends PayloadFacts {
  /** The compressed archive. */
  data: Uint8Array;
}

/** As `streamPayload`, with the compressed archive. */
export async function packPayload(
  entries: readonly RpmEntry[],
  compression: Compression,
  options: PayloadOptions = {},
): Promise<Payload> {
  const spool = new MemorySpool();
  const facts = await streamPayload(entries, compression, spool, options);
  return { ...facts, data: joined(spool.read()) };
}
