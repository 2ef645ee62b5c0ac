// Where things lie in a publication:
//   <label>/releases/<id>/…            a release, whole in itself and never changed
//   <label>/releases/<id>/release.json what it consists of; written last: without it a release is incomplete, and nobody is sent there
//   <label>/mirrorlist                 the URL of the latest release: dnf's mirrorlist. One small object, so that the switch is one step
//   <label>/<anything else>            what changes and isn't a release's
// <id> is the UTC time at which publishing began, and the beginning of the sha256 of release.json: 20261122T193000Z-0123456789ab.

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

/** @param sha256 - of release.json, in hex */
export function publicationId(time: Date, sha256: string): string {
  const stamp = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  return `${stamp}-${sha256.slice(0, DIGITS)}`;
}

/** When publishing it began. @throws RangeError for what is no id */
export function publicationTime(id: string): Date {
  const [, year, month, day, hour, minute, second] = ID.exec(id) ?? [];
  if (second === undefined) throw new RangeError(`${id} is no id of a release`);
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

/** @param url - how readers reach the publication, without a slash at its end */
export function encodePointer(url: string, label: string, id: string): Uint8Array {
  return Buffer.from(`${url}/${publicationPath(label, id)}\n`);
}

/** The id that a mirrorlist points to; undefined for what is none. */
export function parsePointer(bytes: Uint8Array): string | undefined {
  const [, id = ''] = POINTED.exec(Buffer.from(bytes).toString()) ?? [];
  return isPublicationId(id) ? id : undefined;
}
