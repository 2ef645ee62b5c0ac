/** Container images as OCI image layouts: reads base images, writes layers, config, manifest, index and archive. Knows no RPM, Python or Nx. */
export { encodeArchive, type ArchivedImage, type Blob } from './archive.js';
export { architectureName } from './architecture.js';
export { openDockerArchive } from './docker-archive.js';
export type { Descriptor, ImageConfig, Manifest, RunConfig } from './image.js';
export { type LayerEntry } from './layer.js';
export { parseLocation, type ImageLocation } from './location.js';
export { makeLayer, type MadeLayer } from './make-layer.js';
export { type LayerCompression } from './media-types.js';
export { OciError, type OciErrorCode } from './oci-error.js';
export { openImage, readIdentity, type Image } from './open-image.js';
export { planImage, type Document, type ImagePlan, type Layer } from './plan-image.js';
export { resolveInRoot } from './resolve.js';
export { unpackImage } from './unpack.js';
