/** Encodes a patch file: a header of fixed size and five compressed streams (docs/patches.md). Pure but for the compressor. */
import { compressStrongly } from '@pinpack/compression';
import { decodeStreams } from './decode-streams.js';
import { encodeStreams, STREAMS } from './patch-streams.js';
import { planPatch, type RpmParts } from './plan-patch.js';

export const PATCH_FORMAT = 1;
export const PATCH_MAGIC = 'PINPATCH';
export const PATCH_HEADER_SIZE = 128;

export interface PatchRequest {
  /** undefined: the patch is made against nothing and contains the whole RPM. */
  old: RpmParts | undefined;
  fresh: RpmParts;
  /** The payload's compression in the new RPM: 0 for none, otherwise the preset of xz. */
  preset: number;
}

const NOTHING: RpmParts = { head: Buffer.alloc(0), payload: Buffer.alloc(0) };

/** @returns undefined for RPMs with files of 4 GiB and more */
export async function encodePatch({ old = NOTHING, fresh, preset }: PatchRequest): Promise<Buffer | undefined> {
  const segments = planPatch(old, fresh);
  if (segments === undefined) return undefined;
  const whole = ({ head, payload }: RpmParts) => Buffer.concat([head, payload]);
  const [before, after] = [whole(old), whole(fresh)];
  const streams = encodeStreams(before, after, segments);
  if (decodeStreams(before, streams, after.length)?.equals(after) !== true)
    throw new TypeError('the patch does not give the new RPM');
  const compressed: Buffer[] = [];
  for (const name of STREAMS) compressed.push(await compressStrongly(streams[name]));
  const header = Buffer.alloc(PATCH_HEADER_SIZE);
  header.write(PATCH_MAGIC, 'latin1');
  header.writeUInt32BE(PATCH_FORMAT, 8);
  header.writeUInt32BE(preset, 12);
  const sizes = [fresh.head.length, fresh.payload.length, old.head.length, old.payload.length];
  for (const [at, size] of sizes.entries()) header.writeBigUInt64BE(BigInt(size), 16 + 8 * at);
  for (const [at, data] of compressed.entries()) {
    header.writeBigUInt64BE(BigInt(data.length), 48 + 16 * at);
    header.writeBigUInt64BE(BigInt(streams[STREAMS[at] ?? 'control'].length), 56 + 16 * at);
  }
  return Buffer.concat([header, ...compressed]);
}
