/** Decodes requirements files as pip does: byte order marks, then a PEP 263 comment in the first two lines, then UTF-8. */
import { distError, type DistError } from '../dist-error.js';

const MARKS: readonly (readonly [encoding: string, mark: Buffer])[] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-32le', Buffer.from([0xff, 0xfe, 0, 0])],
  ['utf-32be', Buffer.from([0, 0, 0xfe, 0xff])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
];
const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)/;

type Decoder = InstanceType<typeof TextDecoder>;

/** @throws DistError `DIST_REQUIREMENTS_FILE_INVALID` with the file, the line and what converts it */
export function decodeText(bytes: Uint8Array, file: string): string {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [marked, mark] = MARKS.find(([, each]) => data.subarray(0, each.length).equals(each)) ?? [];
  const declared = marked === undefined ? declaredEncoding(data) : undefined;
  const encoding = marked ?? declared ?? 'utf-8';
  const decoder = decoderOf(encoding);
  if (decoder === undefined) throw unknownEncoding(file, encoding);
  const content = data.subarray(mark?.length ?? 0);
  try {
    const text = decoder.decode(content);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw undecodable(file, encoding, content);
}

function declaredEncoding(data: Buffer): string | undefined {
  const lines = data
    .subarray(0, 1024)
    .toString('latin1')
    .split(/\r\n|\r|\n/, 2);
  return lines.flatMap((line) => CODING.exec(line)?.[1] ?? [])[0]?.toLowerCase();
}

/** Python spells some labels that the encoding standard does not know: `utf_8`, `latin-1`. */
function decoderOf(encoding: string): Decoder | undefined {
  const label = encoding.replaceAll('_', '-').replace(/^latin-?(\d)/, 'latin$1');
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch {
    return undefined;
  }
}

function unknownEncoding(file: string, encoding: string): DistError {
  return distError(file, 'DIST_REQUIREMENTS_FILE_INVALID', [
    `is ${encoding}, which is not supported, expected UTF-8`,
    `Convert it: iconv -f ${encoding} -t UTF-8 ${file} > converted.txt`,
  ]);
}

function undecodable(file: string, encoding: string, content: Buffer): DistError {
  const at = content.includes(0) ? content.indexOf(0) : firstInvalid(content);
  const line = content
    .subarray(0, at)
    .toString('latin1')
    .split(/\r\n|\r|\n/).length;
  const found = `0x${(content[at] ?? 0).toString(16).padStart(2, '0')}`;
  const isWide = content.includes(0);
  const likely = isWide ? 'UTF-16LE' : 'ISO-8859-1';
  const comment = isWide ? '' : `, or declare its encoding in the first line: # -*- coding: latin-1 -*-`;
  return distError(`${file}:${line}`, 'DIST_REQUIREMENTS_FILE_INVALID', [
    `the byte ${found} is not valid ${encoding.toUpperCase()}, expected a file in UTF-8`,
    `Convert it, for example: iconv -f ${likely} -t UTF-8 ${file} > converted.txt${comment}`,
  ]);
}

/** The offset of the first byte that is not UTF-8. */
function firstInvalid(content: Buffer): number {
  const text = content.toString('utf8');
  const valid = text.slice(0, Math.max(0, text.indexOf('\uFFFD')));
  return Buffer.byteLength(valid);
}
