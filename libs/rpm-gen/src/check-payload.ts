/** Compares the payload of an RPM with the digest in its header, which the signature covers. */
import { digest } from '@pinpack/common/digest';
import { RpmError } from './errors.js';
import { SHA256, type HeaderTags } from './tags.js';

/** A signature vouches for the payload by the digest in the header, so that digest must be right. @throws RpmError `RPM_DAMAGED` */
export function checkPayload(
  { PAYLOADDIGEST, PAYLOADDIGESTALGO }: HeaderTags,
  payload: Uint8Array,
  subject: string,
): void {
  const expected = PAYLOADDIGESTALGO?.[0] === SHA256 ? PAYLOADDIGEST?.[0] : undefined;
  const found = digest('sha256', payload).toString('hex');
  if (found === expected) return;
  const message =
    expected === undefined
      ? 'the header has no sha256 of the payload, so its signature would not vouch for it. Build it with rpm 4.14 or newer.'
      : `the payload's sha256 is ${found}, expected ${expected}. Build or fetch it again.`;
  throw new RpmError('RPM_DAMAGED', subject, message);
}
