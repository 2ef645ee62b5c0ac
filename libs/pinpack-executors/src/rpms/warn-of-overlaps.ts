// Prints the warnings about pins that were built from source and install the same paths as others.
import { builtOverlapWarnings } from '../overlaps/overlap-warnings.js';
import { warn } from '../tasks/warn.js';
import { readPin, type PinOptions } from '../workspace/read-pin.js';

/** @param tasks - the pins whose RPMs were made */
export async function warnOfOverlaps(root: string, tasks: readonly PinOptions[]): Promise<void> {
  const built = new Map<string, Set<string>>();
  for (const options of tasks) {
    if (!isBuilt(root, options)) continue;
    const names = built.get(options.reqset) ?? new Set();
    built.set(options.reqset, names.add(options.pin));
  }
  for (const [set, names] of built) for (const line of await builtOverlapWarnings(root, set, names)) warn(line);
}

/** A pin that cannot be read has been reported by its task. */
function isBuilt(root: string, options: PinOptions): boolean {
  try {
    return !('wheel' in readPin(root, options).source);
  } catch {
    return false;
  }
}
