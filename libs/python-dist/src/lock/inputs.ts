// What a lock was resolved from, as one digest, so that CI can tell a lock that is older than its requirements.
import { createHash } from 'node:crypto';
import type { TargetEnvironment } from '../resolve/evaluate.js';

/** A source tree of the workspace that belongs to a reqset. `path` is relative to the workspace's root, with `/`. */
export interface SourceTree {
  path: string;
  /** As in its pyproject.toml; `name` as written there. */
  name: string;
  version: string;
  dependencies: string[];
  buildRequires: string[];
}

/** A requirement without its comment, and where it is written: `reqsets/reqset1/requirements.txt:3`. */
export interface WrittenRequirement {
  text: string;
  place: string;
}

/** Everything that a lock depends on, apart from what the index offers. */
export interface LockInputs {
  requirements: WrittenRequirement[];
  sources: SourceTree[];
  target: TargetEnvironment;
}

/** sha256 in hex: comments, blank lines and the order of lines don't change it. */
export function inputsDigest({ requirements, sources, target }: LockInputs): string {
  const canonical = {
    requirements: requirements.map(({ text }) => text.replaceAll(/\s+/g, '')).sort(),
    sources: [...sources]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, name, version, dependencies, buildRequires }) => ({
        path,
        name,
        version,
        dependencies: [...dependencies].sort(),
        buildRequires: [...buildRequires].sort(),
      })),
    target: { python: target.python, platform: target.platform },
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
