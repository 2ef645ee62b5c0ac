// Paths of images, relative to the workspace's root.
import { setLabel } from '@pinpack/rpm-packaging';

/** Has no version, so each run replaces the last image. @param name - of the application's project */
export function imageFile(set: string, name: string): string {
  return `dist/images/${setLabel(set)}/${name}.oci.tar`;
}

/** Unpacked base images, by digest. */
export const BASES = 'dist/cache/image-bases';

/** Layers of wheel RPMs, by the digests of the RPMs. */
export const LAYERS = 'dist/layers';
