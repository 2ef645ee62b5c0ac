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
  const written = typeof bundle === 'string' ? bundle : bundle.archive;
  const isRelative = !isAbsolute(written) && !/^https?:/i.test(written);
  const location = isRelative ? join(folder, written) : written;
  return {
    kind: typeof bundle === 'string' && isFolder(root, location) ? 'folder' : 'archive',
    location,
    keep: [...keep].sort(),
    ...(typeof bundle !== 'string' && { expected: bundle.sha256 }),
  };
}

/** A missing file is reported by `lock`. */
function isFolder(root: string, location: string): boolean {
  const path = isAbsolute(location) ? location : join(root, location);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !/\.(?:tar|tgz|gz)$/.test(location);
}
