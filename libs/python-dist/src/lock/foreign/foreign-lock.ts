// Locks of other tools: exact versions and the hashes of allowed files. Edges and the choice of wheels are determined by pinpack.
import { issue, type DistIssue } from '../../dist-error.js';

/** A distribution and its locked version. */
export interface ForeignPin {
  /** PEP 503 name. */
  name: string;
  version: string;
  /** sha256 in hex of the allowed files; empty if the lock has no hashes, then every file is allowed. */
  hashes: string[];
  /** Its location: `requirements.txt:3`, `uv.lock`. */
  place: string;
}

/** The pins of a lock for a target. */
export interface ForeignPins {
  pins: ForeignPin[];
  /** Entries that cannot be imported. `name` is the PEP 503 name of the distribution, if the issue concerns one. */
  issues: { name?: string; issue: DistIssue }[];
}

/** The extras and dependency groups of the project to import, by PEP 503 name. */
export interface ForeignSelection {
  extras: readonly string[];
  groups: readonly string[];
}

export interface ForeignLock {
  /** The markers that select pins, without duplicates. */
  markers: string[];
  /** Dependency groups that are active in its markers. */
  groups: string[];
  /** Supported versions of Python: `>=3.10`. */
  requiresPython?: string;
  /** Requirements for a new reqset, as lines of requirements.txt. */
  requirements: string[];
  /** @param holds - whether a marker is true for the target */
  pinsFor(holds: (marker: string) => boolean): ForeignPins;
}

/** The issue for a pin that is not from an index. @param kind - `git`, `path`, … as in the lock */
export function notFromIndex(name: string, place: string, kind: string): ForeignPins['issues'][number] {
  const found = `${place}: ${name} has a source of the kind "${kind}", expected a package index`;
  const next =
    'Add its source under apps/ as a project of this workspace, or upload its wheel to your index and lock that version.';
  return { name, issue: issue('DIST_LOCK_FOREIGN_SOURCE', found, next) };
}
