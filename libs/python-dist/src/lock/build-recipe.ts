// Build settings of a pin in reqset.json, and the part of them that the lock records.

/** A file of the workspace and its digest. `path` is relative to the workspace's root, with `/`; `sha256` in hex. */
export interface WorkspaceFile {
  path: string;
  sha256: string;
}

/** The settings that determine the bytes of a wheel, in addition to its sdist and its build requirements. */
export interface BuildRecipe {
  /** Environment variables of the build. */
  environment: Record<string, string>;
  /** Passed to the build backend (PEP 517). */
  configSettings: Record<string, string | string[]>;
  /** Applied to the unpacked sdist in this order. */
  patches: WorkspaceFile[];
  /** System requirements: `header:ffi.h`, `pkg-config:libxml-2.0`, `program:pg_config`. */
  system: string[];
}

/** A pin's `build` in reqset.json. */
export interface BuildSettings extends BuildRecipe {
  /** Whether the sdist is built although there is a compatible wheel. */
  isForced: boolean;
  /** Build requirements that override those of the sdist for the same distributions, or add to them. */
  requires: string[];
  /** A wheel of the workspace to use instead. */
  wheel?: WorkspaceFile;
}

export const EMPTY_RECIPE: BuildRecipe = { environment: {}, configSettings: {}, patches: [], system: [] };

/** The recipe without empty fields and with sorted keys, so that equal recipes have equal texts. */
export function compactRecipe({ environment, configSettings, patches, system }: BuildRecipe): Partial<BuildRecipe> {
  return {
    ...(Object.keys(environment).length > 0 && { environment: sortKeys(environment) }),
    ...(Object.keys(configSettings).length > 0 && { configSettings: sortKeys(configSettings) }),
    ...(patches.length > 0 && { patches: patches.map(({ path, sha256 }) => ({ path, sha256 })) }),
    ...(system.length > 0 && { system: [...system].sort() }),
  };
}

function sortKeys<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
