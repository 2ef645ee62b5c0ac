/** Writes RPMs of any size to a file: the payload is kept in a file beside it until the headers are known. */
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { produceAtomically } from '@pinpack/common/atomic-file';
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { encodeRpmHead } from './rpm.js';
import type { RpmSpec } from './spec.js';
import { streamPayload, type PayloadOptions } from './stream-payload.js';
import { validateSpec } from './validate.js';

const PIECE = 1024 * 1024;
const READABLE_BY_ALL = 0o644;

/**
 * The bytes of `encodeRpm` and `packPayload`, without either in memory. The file appears at once, with mode 0644; the folder needs space for the payload twice.
 *
 * @returns the size in bytes
 * @throws RpmError
 */
export async function writeRpmFile(
  path: string,
  spec: RpmSpec,
  entries: readonly RpmEntry[],
  { compression, ...options }: PayloadOptions & { compression: Compression },
): Promise<number> {
  validateSpec(spec);
  let total = 0;
  await produceAtomically(path, async (temporary) => {
    const spooled = `${temporary}.payload`;
    const spool = await open(spooled, 'wx');
    try {
      const write = async (piece: Uint8Array): Promise<void> => spool.writeFile(piece);
      const read = (): AsyncIterable<Buffer> => createReadStream(spooled, { highWaterMark: PIECE });
      const payload = await streamPayload(entries, compression, { write, read }, options);
      const { chunks, size } = await encodeRpmHead(spec, payload, read);
      await writeParts(temporary, chunks, read());
      total = size + payload.size;
    } finally {
      await spool.close();
      await rm(spooled, { force: true });
    }
  });
  return total;
}

async function writeParts(path: string, head: readonly Uint8Array[], payload: AsyncIterable<Uint8Array>) {
  const file = await open(path, 'wx');
  try {
    for (const chunk of head) await file.writeFile(chunk);
    for await (const piece of payload) await file.writeFile(piece);
    await file.chmod(READABLE_BY_ALL);
  } finally {
    await file.close();
  }
}
