// Paths of published files:
//   <label>/releases/<id>/…            a publication: self-contained and immutable
//   <label>/releases/<id>/release.json its list of files, written last: without it a publication is incomplete, and the pointer never names it
//   <label>/mirrorlist                 the pointer: the URL of the latest publication, as dnf's mirrorlist. One object, so that the switch is atomic
//   <label>/<anything else>            mutable files
// <id> is the UTC time at which publishing began, and the first digits of the sha256 of release.json: 20261122T193000Z-0123456789ab.

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{12}$/;
const DIGITS = 12;
const POINTED = /\/releases\/([^/\s]+)\/?\s*$/;

export const RECORD_FILE = 'release.json';

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

export function isPublicationId(text: string): boolean {
  return ID.test(text);
}

/** @param sha256 - digest of release.json, in hex */
export function publicationId(time: Date, sha256: string): string {
  const stamp = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  return `${stamp}-${sha256.slice(0, DIGITS)}`;
}

/** The time at which publishing began. @throws RangeError for an invalid ID */
export function publicationTime(id: string): Date {
  const [, year, month, day, hour, minute, second] = ID.exec(id) ?? [];
  if (second === undefined) throw new RangeError(`${id} is not the ID of a publication`);
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

export function hasDigest(id: string, sha256: string): boolean {
  return id.endsWith(`-${sha256.slice(0, DIGITS)}`);
}

export function publicationsPath(label: string): string {
  return `${label}/releases/`;
}

export function publicationPath(label: string, id: string, path = ''): string {
  return `${publicationsPath(label)}${id}/${path}`;
}

export function pointerPath(label: string): string {
  return `${label}/mirrorlist`;
}

/** @param url - public base URL of the publications, without a trailing slash */
export function encodePointer(url: string, label: string, id: string): Uint8Array {
  return Buffer.from(`${url}/${publicationPath(label, id)}\n`);
}

/** The publication that a mirrorlist points to; undefined for an invalid mirrorlist. */
export function parsePointer(bytes: Uint8Array): string | undefined {
  const [, id = ''] = POINTED.exec(Buffer.from(bytes).toString()) ?? [];
  return isPublicationId(id) ? id : undefined;
}
