// Where images lie, relative to the workspace's root.
import { setLabel } from '../reqset/place.js';

/** Without a version: each run replaces it. @param name - of the application's project */
export function imageFile(set: string, name: string): string {
  return `dist/images/${setLabel(set)}/${name}.oci.tar`;
}
