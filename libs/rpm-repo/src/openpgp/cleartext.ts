/** Texts with their signature in one file (RFC 9580, "Cleartext Signature Framework"). `gpg --verify` reads them, and so does a person. Pure. */
import { armor, dearmor } from './packets.js';

const HEAD = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n';
const DASH = /^-/gm;

/** @param text - ends with a newline; without spaces at the ends of lines */
export function formatCleartext(text: string, sign: (data: Uint8Array) => Uint8Array): string {
  return `${HEAD}${text.replaceAll(DASH, '- -')}${armor('SIGNATURE', sign(signedData(text)))}`;
}

export interface Cleartext {
  text: string;
  signature: Buffer;
}

/** undefined if it is no such text: what stands before and behind it would not be covered. @throws RangeError for damaged armor */
export function parseCleartext(document: string): Cleartext | undefined {
  const lines = document.replaceAll('\r\n', '\n');
  const start = lines.indexOf('-----BEGIN PGP SIGNATURE-----\n');
  if (!lines.startsWith(HEAD) || start < HEAD.length) return undefined;
  const text = lines.slice(HEAD.length, start);
  if (/^-(?! )/m.test(text) || !/^-----END PGP SIGNATURE-----\s*$/m.test(lines.slice(start))) return undefined;
  return { text: text.replaceAll(/^- /gm, ''), signature: dearmor('SIGNATURE', lines.slice(start)) };
}

/** As signatures of texts digest it: lines end with CR LF, and the last newline does not count. */
export function signedData(text: string): Buffer {
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.replace(/[ \t]+$/, ''));
  return Buffer.from(lines.join('\r\n'));
}
