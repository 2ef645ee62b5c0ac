/** Parses names of images in skopeo's form (containers-transports(5)): `oci:FOLDER[:REFERENCE]`, `oci-archive:FILE[:REFERENCE]`; pure. */
import { OciError } from './oci-error.js';

export interface ImageLocation {
  kind: 'folder' | 'archive';
  /** As it was written. */
  path: string;
  /** What the index calls the image, by its annotation `org.opencontainers.image.ref.name`. */
  reference?: string;
}

const LOCATION = /^(?:(oci|oci-archive):)?([^:\s]+)(?::(\w[^:\s]*))?$/;

/** Without a prefix, what ends with `.tar` is an archive. @throws OciError `OCI_LOCATION_INVALID` */
export function parseLocation(text: string): ImageLocation {
  const [, prefix, path = '', reference] = LOCATION.exec(text) ?? [];
  if (path === '') {
    throw new OciError('OCI_LOCATION_INVALID', JSON.stringify(text), [
      'it names no image',
      'expected an OCI image layout as skopeo names it: oci:FOLDER[:REFERENCE] or oci-archive:FILE.tar[:REFERENCE]',
    ]);
  }
  const isArchive = prefix === undefined ? path.endsWith('.tar') : prefix === 'oci-archive';
  return { kind: isArchive ? 'archive' : 'folder', path, ...(reference !== undefined && { reference }) };
}
