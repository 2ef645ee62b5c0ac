/** Compares the payload of an RPM with the digests in its header, which the signature covers. */
import { createHash } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
import { RpmError } from './errors.js';
import type { ReadRpm } from './read.js';
import { SHA256, type HeaderTags } from './tags.js';

/** A signature vouches for the payload by the digests in the header, so these must be right. @throws RpmError `RPM_DAMAGED` */
export function checkPayload(header: HeaderTags, payload: Uint8Array, subject: string): void {
  for (const [algorithm, expected] of requireDigests(header, subject))
    compare(algorithm, expected, digest(algorithm, payload), subject);
}

/** @throws RpmError `RPM_DAMAGED` where the header has none */
export function requireDigests(header: HeaderTags, subject: string): [Algorithm, string][] {
  const digests = digestsOf(header);
  if (digests.length > 0) return digests;
  const message =
    'the header has no sha256 of the payload, so its signature would not vouch for it. Build it with rpm 4.14 or newer.';
  throw new RpmError('RPM_DAMAGED', subject, message);
}

/**
 * As `checkPayload`, for reading alone: packages of rpm before 4.14 have no digest of the payload, but an MD5 of header and payload
 * in the signature header, which finds damage.
 */
export function checkContent(
  rpm: Pick<ReadRpm, 'header' | 'signature' | 'headerOffset'>,
  file: Buffer,
  payload: Buffer,
  subject: string,
): void {
  const md5 = onlyMd5(rpm);
  if (md5 === undefined) checkPayload(rpm.header, payload, subject);
  else compare('md5', md5, digest('md5', file.subarray(rpm.headerOffset)), subject);
}

/** The MD5 of header and payload in hex, if nothing else vouches for the payload. */
function onlyMd5({ header, signature: { MD5 } }: Pick<ReadRpm, 'header' | 'signature'>): string | undefined {
  return MD5 === undefined || digestsOf(header).length > 0 ? undefined : Buffer.from(MD5).toString('hex');
}

/**
 * As `checkContent`, for a payload that comes in pieces.
 *
 * @param parts - `head` is the header, which MD5 covers too
 */
export async function checkContentPieces(
  rpm: Pick<ReadRpm, 'header' | 'signature'>,
  { head, payload }: { head: Buffer; payload: () => AsyncIterable<Uint8Array> },
  subject: string,
): Promise<void> {
  const md5 = onlyMd5(rpm);
  const expected: [Algorithm, string][] = md5 === undefined ? requireDigests(rpm.header, subject) : [['md5', md5]];
  const hashes = expected.map(([algorithm]) => createHash(algorithm));
  if (md5 !== undefined) for (const hash of hashes) hash.update(head);
  for await (const piece of payload()) for (const hash of hashes) hash.update(piece);
  expected.forEach(([algorithm, hex], at) => {
    compare(algorithm, hex, hashes[at]?.digest() ?? Buffer.alloc(0), subject);
  });
}

type Algorithm = Parameters<typeof digest>[0];

/** Format 6 has three, and doesn't name the algorithm of the first. */
function digestsOf({ PAYLOADDIGEST, PAYLOADDIGESTALGO, RPMFORMAT, ...header }: HeaderTags): [Algorithm, string][] {
  const isSha256 = RPMFORMAT === undefined ? PAYLOADDIGESTALGO?.[0] === SHA256 : true;
  const digests: [Algorithm, string | undefined][] = [
    ['sha256', isSha256 ? PAYLOADDIGEST?.[0] : undefined],
    ['sha512', header.PAYLOADSHA512],
    ['sha3-256', header.PAYLOADSHA3_256],
  ];
  return digests.flatMap(([algorithm, hex]) => (hex === undefined ? [] : [[algorithm, hex] as [Algorithm, string]]));
}

function compare(algorithm: Algorithm, expected: string, digest: Buffer, subject: string): void {
  const found = digest.toString('hex');
  if (found === expected) return;
  const message = `the payload's ${algorithm} is ${found}, expected ${expected}. Build or fetch it again.`;
  throw new RpmError('RPM_DAMAGED', subject, message);
}
