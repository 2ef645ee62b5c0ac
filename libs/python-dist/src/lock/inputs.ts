// What a lock was resolved from, as one digest, so that CI can tell a lock that is older than its requirements.
import { createHash } from 'node:crypto';
import type { TargetEnvironment } from '../names/target-environment.js';
import { compactRecipe, type BuildSettings } from './build-recipe.js';
import type { Layout } from './layout.js';

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
  /** sha256 in hex of the files that may be taken for it; absent where any may. */
  hashes?: string[];
}

/** An application of the reqset, by what its lock entry is made from. */
export interface LockInputApplication {
  /** Its folder's name under `apps/`. */
  name: string;
  /** Its library's name, as its pyproject.toml writes it. */
  library: string;
  /** The pins that make its environment. */
  tools: string[];
}

/** Everything that a lock depends on, apart from what the index offers. */
export interface LockInputs {
  requirements: WrittenRequirement[];
  /** What is allowed of distributions where they are needed at all. */
  constraints?: WrittenRequirement[];
  sources: SourceTree[];
  target: TargetEnvironment;
  applications?: LockInputApplication[];
  /** Whether compiled bytecode is delivered beside the wheels' files. */
  bytecode?: boolean;
  /** How wheel RPMs carry their wheels. */
  layout?: Layout;
  /** How RPMs compress their payload, as their writer names it; absent where as it does by default. */
  compression?: string | undefined;
  /** How pins are built from source, by PEP 503 name. */
  builds?: Record<string, BuildSettings>;
}

/** sha256 in hex: comments, blank lines and the order of lines don't change it. */
export function inputsDigest({
  requirements,
  constraints = [],
  sources,
  target,
  applications = [],
  bytecode = false,
  layout = 'tree',
  compression,
  builds = {},
}: LockInputs): string {
  const canonical = {
    requirements: canonicalLines(requirements),
    ...(constraints.length > 0 && { constraints: canonicalLines(constraints) }),
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
    applications: [...applications]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, library, tools }) => ({ name, library, tools: [...tools].sort() })),
    bytecode,
    ...(layout !== 'tree' && { layout }),
    ...(compression !== undefined && { compression }),
    ...(Object.keys(builds).length > 0 && { builds: canonicalBuilds(builds) }),
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

function canonicalLines(written: readonly WrittenRequirement[]): string[] {
  return written.map(({ text, hashes = [] }) => [text.replaceAll(/\s+/g, ''), ...[...hashes].sort()].join(' ')).sort();
}

function canonicalBuilds(builds: Record<string, BuildSettings>): unknown[] {
  return Object.entries(builds)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { isForced, requires, wheel, ...recipe }]) => [
      name,
      isForced,
      [...requires].sort(),
      wheel?.sha256 ?? '',
      compactRecipe(recipe),
    ]);
}
