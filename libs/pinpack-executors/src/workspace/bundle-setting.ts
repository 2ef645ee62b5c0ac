// Reads `bundle` of reqset.json: the location of the Python that a set brings along.
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { InterpreterInput } from '@pinpack/python-dist';
import type { WrittenBundle } from './reqset-settings.js';

/**
 * Paths are relative to the reqset's folder, as those of patches.
 *
 * @param folder - the reqset's, relative to the root
 */
export function readBundle(root: string, folder: string, { bundle, keep = [] }: WrittenBundle): InterpreterInput {
  const sorted = [...keep].sort();
  if (typeof bundle === 'string') {
    const location = locationOf(folder, bundle);
    return { kind: isFolder(root, location) ? 'folder' : 'archive', location, keep: sorted };
  }
  if ('archive' in bundle) {
    const location = locationOf(folder, bundle.archive);
    return { kind: 'archive', location, keep: sorted, expected: bundle.sha256 };
  }
  const { source, sha256, libraries, configure } = bundle;
  const location = locationOf(folder, source);
  return { kind: 'source', location, keep: sorted, expected: sha256, recipe: { libraries, configure } };
}

function locationOf(folder: string, written: string): string {
  return isAbsolute(written) || /^https?:/i.test(written) ? written : join(folder, written);
}

/** A missing file is reported by `lock`. */
function isFolder(root: string, location: string): boolean {
  const path = isAbsolute(location) ? location : join(root, location);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !/\.(?:tar|tgz|gz)$/.test(location);
}
