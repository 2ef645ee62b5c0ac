/** Media types that this package reads and writes (image-spec v1.1, "OCI Image Media Types"). */
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG = 'application/vnd.oci.image.config.v1+json';

export type LayerCompression = 'gzip' | 'zstd';
export type StoredCompression = LayerCompression | 'none';

export const LAYER = 'application/vnd.oci.image.layer.v1.tar';
/** What was once kept apart for foreign layers is a layer like any other by its content. */
const LAYER_TYPES = /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(gzip|zstd))?$/;

export function layerMediaType(compression: LayerCompression): string {
  return `${LAYER}+${compression}`;
}

/** How a layer of this media type is compressed; undefined where it is no layer that we know. */
export function compressionOf(mediaType: string): StoredCompression | undefined {
  const found = LAYER_TYPES.exec(mediaType);
  return found === null ? undefined : ((found[1] ?? 'none') as StoredCompression);
}
