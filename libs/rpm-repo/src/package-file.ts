/** Reads an RPM file's facts, compares them with what is expected, and signs it. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { checkPayload, formatEvr, readRpm, signRpm, type HeaderTags, type ReadRpm } from '@pinpack/rpm-gen';
import { verifyDetached } from './openpgp/verify.js';
import type { Signer } from './signing-key.js';

export interface PackageFile {
  name: string;
  /** `[epoch:]version-release` */
  evr: string;
  architecture: string;
  size: number;
  /** In hex. */
  sha256: string;
  /** sha256 of the header in hex. The header has the digest of the payload, and a signature changes neither. */
  headerSha256: string;
  /** Of the payload, unpacked, in bytes. */
  contentSize: number;
  header: HeaderTags;
}

/** What an RPM has to be. A fact that is undefined is not known. */
export interface ExpectedPackage {
  name: string;
  evr?: string | undefined;
  architecture?: string | undefined;
  sha256?: string | undefined;
  headerSha256?: string | undefined;
  /** The key that signed it; undefined for an RPM without a signature. */
  signedBy: Pick<Signer, 'fingerprint' | 'publicKey'> | undefined;
}

export interface InspectedPackage {
  facts: PackageFile;
  /** Every reason why it is not the expected RPM, for messages. */
  problems: string[];
}

/** @throws RpmError `RPM_DAMAGED` */
export async function readPackageFile(path: string): Promise<PackageFile> {
  const bytes = await readWhole(path);
  return packageOf(bytes, readRpm(bytes, basename(path)));
}

/** Compares header and payload with their digests, and the facts with those that are expected. @throws RpmError `RPM_DAMAGED` */
export async function inspectPackageFile(path: string, expected: ExpectedPackage): Promise<InspectedPackage> {
  const subject = basename(path);
  const bytes = await readWhole(path);
  const rpm = readRpm(bytes, subject);
  checkPayload(rpm.header, bytes.subarray(rpm.payloadOffset), subject);
  const facts = packageOf(bytes, rpm);
  const problem = (fact: keyof typeof FACTS): string[] => {
    const [found, wanted] = [facts[fact], expected[fact]];
    return wanted === undefined || found === wanted ? [] : [`its ${FACTS[fact]} is ${found}, expected ${wanted}`];
  };
  return {
    facts,
    problems: [
      ...(Object.keys(FACTS) as (keyof typeof FACTS)[]).flatMap(problem),
      ...signatureProblems(rpm, bytes, expected.signedBy),
    ],
  };
}

const FACTS = {
  name: 'name',
  evr: 'version and release',
  architecture: 'architecture',
  sha256: 'sha256',
  headerSha256: "header's sha256",
} as const;

/** The chunks of the signed RPM. @throws RpmError */
export async function signPackageFile(
  path: string,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  return (await signRpm(await readWhole(path), sign, basename(path))).chunks;
}

function signatureProblems(
  { signature, headerOffset, payloadOffset }: ReadRpm,
  bytes: Uint8Array,
  signedBy: ExpectedPackage['signedBy'],
): string[] {
  const packet = signature.RSAHEADER ?? signature.DSAHEADER;
  if (signedBy === undefined) return packet === undefined ? [] : ['it has a signature, expected none'];
  if (packet === undefined) return [`it has no signature, expected one by ${signedBy.fingerprint}`];
  const { fingerprint, problem } = verifyDetached(
    signedBy.publicKey,
    bytes.subarray(headerOffset, payloadOffset),
    packet,
  );
  if (fingerprint === signedBy.fingerprint && problem === undefined) return [];
  return [`its signature is not one by ${signedBy.fingerprint}: ${problem ?? `it is by ${fingerprint ?? 'no one'}`}`];
}

function packageOf(bytes: Uint8Array, { header, signature, headerOffset, payloadOffset }: ReadRpm): PackageFile {
  const { NAME = '', EPOCH, VERSION = '', RELEASE = '', ARCH = '' } = header;
  const [epoch] = EPOCH ?? [];
  return {
    name: NAME,
    evr: formatEvr({ ...(epoch !== undefined && { epoch }), version: VERSION, release: RELEASE }),
    architecture: ARCH,
    size: bytes.length,
    sha256: sha256Of(bytes),
    headerSha256: sha256Of(bytes.subarray(headerOffset, payloadOffset)),
    contentSize: (signature.LONGARCHIVESIZE ?? signature.PAYLOADSIZE)?.[0] ?? 0,
    header,
  };
}

const PIECE = 2 ** 30;

/** Node's own readFile ends at 2 GiB. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size);
    for (let offset = 0; offset < size;) {
      const { bytesRead } = await file.read(bytes, offset, Math.min(PIECE, size - offset), offset);
      if (bytesRead === 0) return bytes.subarray(0, offset);
      offset += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
