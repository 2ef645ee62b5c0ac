// Locks that other tools made: exact versions, and the hashes of the files that may be taken for each. Edges and the choice of wheels aren't theirs.
import { issue, type DistIssue } from '../../dist-error.js';

/** A distribution at the version that the lock gives it. */
export interface ForeignPin {
  /** PEP 503 name. */
  name: string;
  version: string;
  /** sha256 in hex of the files that may be taken; empty where the lock has none: any may. */
  hashes: string[];
  /** Where it stands: `requirements.txt:3`, `uv.lock`. */
  place: string;
}

/** What a lock comes to for a target. */
export interface ForeignPins {
  pins: ForeignPin[];
  /** What can't be kept as it is; `name`: the PEP 503 name of what it is about, where it is about a distribution. */
  issues: { name?: string; issue: DistIssue }[];
}

export interface ForeignLock {
  /** The markers that decide what it comes to, each once. */
  markers: string[];
  /** Dependency groups that its markers take for chosen. */
  groups: string[];
  /** Versions of Python that it is for: `>=3.10`. */
  requiresPython?: string;
  /** Requirements that a reqset of it starts from, as lines of requirements.txt. */
  requirements: string[];
  /** @param holds - whether a marker holds for the target */
  pinsFor(holds: (marker: string) => boolean): ForeignPins;
}

/** A pin whose bytes come from elsewhere than an index. @param kind - `git`, `path`, … as the lock says */
export function notFromIndex(name: string, place: string, kind: string): ForeignPins['issues'][number] {
  const found = `${place}: ${name} comes from a source of the kind "${kind}", and a lock has files of indexes alone`;
  const next =
    'Put its source under apps/ as a project of this workspace, or its wheel on an index of yours, and take the version from there.';
  return { name, issue: issue('DIST_LOCK_FOREIGN_SOURCE', found, next) };
}
