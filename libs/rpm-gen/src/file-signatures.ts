/**
 * IMA signatures of files, by which the kernel verifies what it runs (Linux, security/integrity; rpm.org, "RPM V4 signature tags").
 * rpm installs each as the attribute security.ima. Pure.
 *
 *     offset size
 *       0     1   type: 3, a signature
 *       1     1   version: 2
 *       2     1   hash algorithm: 4 is SHA-256, 5 SHA-384, 6 SHA-512, 7 SHA-224
 *       3     4   ID of the key
 *       7     2   bytes of the signature, which follows
 */
import { RpmError, throwIssues } from './errors.js';
import { listFiles } from './file-list.js';
import { readRpm, type ReadRpm } from './read.js';
import type { EncodedRpm } from './rpm.js';
import { replaceSignatureTags } from './sign.js';

const TYPE = 3;
const VERSION = 2;
const INTRO_SIZE = 9;
const HASHES = new Map([
  [2, 'sha1'],
  [4, 'sha256'],
  [5, 'sha384'],
  [6, 'sha512'],
  [7, 'sha224'],
]);

export interface FileSignature {
  path: string;
  /** As node:crypto names it. */
  hash: string;
  /** Hex. */
  keyId: string;
  /** Made by the key; whether it is right only the kernel's keyring tells. */
  signature: Buffer;
}

/** @throws RpmError `RPM_SIGNATURE_INVALID` with each that has another structure */
export function readFileSignatures(rpm: Uint8Array, subject = 'RPM'): FileSignature[] {
  return fileSignaturesOf(readRpm(rpm, subject), subject);
}

/** As `readFileSignatures`. */
export function fileSignaturesOf(
  { signature, header }: Pick<ReadRpm, 'signature' | 'header'>,
  subject: string,
): FileSignature[] {
  const files = listFiles(header);
  const { FILESIGNATURES: texts = [] } = signature;
  if (texts.length > 0 && texts.length !== files.length)
    throw invalid(subject, `found ${texts.length} signatures of files, expected ${files.length}`);
  const found = texts.map((hex, at) =>
    hex === '' ? undefined : parse(files[at]?.path ?? '', Buffer.from(hex, 'hex')),
  );
  reportIssues(
    subject,
    found.filter((one) => typeof one === 'string'),
  );
  return found.filter((one) => typeof one === 'object');
}

/**
 * Adds signatures that a key owner made, such as the .sig files of `evmctl ima_sign --sigfile`, in place of earlier ones. Sign the package after that: `signRpm` keeps them.
 *
 * @param signatures - by path, with the structure above
 * @throws RpmError `RPM_SIGNATURE_INVALID`
 */
export function addFileSignatures(
  rpm: Uint8Array,
  signatures: ReadonlyMap<string, Uint8Array>,
  subject = 'RPM',
): EncodedRpm {
  const { signature, header } = readRpm(rpm, subject);
  const files = listFiles(header);
  const digests = new Map(files.map(({ path }, at) => [path, header.FILEDIGESTS?.[at] ?? '']));
  const issues = [...signatures].flatMap(([path, bytes]) => {
    if ((digests.get(path) ?? '') === '')
      return [`${JSON.stringify(path)}: expected a file with content of the package`];
    const found = parse(path, Buffer.from(bytes));
    return typeof found === 'string' ? [found] : [];
  });
  reportIssues(subject, issues);
  const texts = files.map(({ path }) => Buffer.from(signatures.get(path) ?? []).toString('hex'));
  const longest = texts.reduce((most, text) => Math.max(most, text.length / 2), 0);
  const tags = longest === 0 ? {} : { FILESIGNATURES: texts, FILESIGNATURELENGTH: [longest] };
  const none = { FILESIGNATURES: undefined, FILESIGNATURELENGTH: undefined };
  return replaceSignatureTags(rpm, { ...signature, ...none, ...tags }, subject);
}

/** @returns an issue where the structure is another */
function parse(path: string, bytes: Buffer): FileSignature | string {
  const [type = -1, version = -1, algorithm = -1] = bytes;
  const hash = HASHES.get(algorithm);
  const shown = JSON.stringify(path);
  if (bytes.length < INTRO_SIZE || type !== TYPE || version !== VERSION)
    return `${shown}: found type ${type} and version ${version}, expected ${TYPE} and ${VERSION}`;
  if (hash === undefined) return `${shown}: found hash algorithm ${algorithm}, expected one of SHA-1 and SHA-2`;
  const size = bytes.readUInt16BE(7);
  if (size === 0 || bytes.length !== INTRO_SIZE + size)
    return `${shown}: found ${bytes.length - INTRO_SIZE} bytes of signature, expected ${size}`;
  return { path, hash, keyId: bytes.toString('hex', 3, 7), signature: bytes.subarray(INTRO_SIZE) };
}

function reportIssues(subject: string, issues: readonly string[]): void {
  throwIssues(
    'RPM_SIGNATURE_INVALID',
    subject,
    issues,
    'Sign the files again: evmctl ima_sign --sigfile writes <file>.sig.',
  );
}

function invalid(subject: string, found: string): RpmError {
  return new RpmError('RPM_SIGNATURE_INVALID', subject, `${found}. Sign the files again: rpmsign --signfiles`);
}
