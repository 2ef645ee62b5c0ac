/** The signature header: sizes and digests of what follows it, and space for a signature (rpm.org, "RPM V4 signature tags"). */
import { digest } from '@pinpack/common/digest';
import { encodeHeader } from './header.js';
import type { PayloadFacts } from './stream-payload.js';
import { fileName, type RpmSpec } from './spec.js';
import { SIGNATURE_REGION, SIGNATURE_TAGS } from './tags.js';

/** The size that rpmbuild reserves; rpmsign uses it instead of moving the whole file. */
export const RESERVED_SPACE = 4128;
const ALIGNMENT = 8;
const UINT32_MAX = 0xffffffff;

/** Padded to 8 bytes, where the header starts. @param md5 - of header and payload, if the package has one */
export function encodeSignature(
  header: Uint8Array,
  payload: Pick<PayloadFacts, 'size' | 'archiveSize'>,
  md5: Uint8Array | undefined,
  spec: RpmSpec,
): Uint8Array {
  const size = header.length + payload.size;
  const long = Math.max(size, payload.archiveSize) > UINT32_MAX;
  const signature = encodeHeader(
    SIGNATURE_REGION,
    SIGNATURE_TAGS,
    {
      SHA1: digest('sha1', header).toString('hex'),
      SHA256: digest('sha256', header).toString('hex'),
      MD5: md5,
      ...(long
        ? { LONGSIZE: [size], LONGARCHIVESIZE: [payload.archiveSize] }
        : { SIZE: [size], PAYLOADSIZE: [payload.archiveSize] }),
      RESERVEDSPACE: new Uint8Array(RESERVED_SPACE),
    },
    fileName(spec),
  );
  return padSignature(signature);
}

export function padSignature(signature: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(signature.length / ALIGNMENT) * ALIGNMENT);
  padded.set(signature);
  return padded;
}
