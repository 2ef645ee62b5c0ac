// How one pin is built from its sdist: what reqset.json says about it, and what of that the lock keeps.
/** A file of the workspace, by its content. `path` is relative to the workspace's root, with `/`; `sha256` in hex. */
export interface WorkspaceFile {
  path: string;
  sha256: string;
}

/** What determines the bytes of a wheel beside its sdist and its build requirements. */
export interface BuildRecipe {
  /** Environment variables of the build. */
  environment: Record<string, string>;
  /** Handed to the build backend (PEP 517). */
  configSettings: Record<string, string | string[]>;
  /** Applied to the unpacked sdist in this order. */
  patches: WorkspaceFile[];
  /** What the machine must have: `header:ffi.h`, `pkg-config:libxml-2.0`, `program:pg_config`. */
  system: string[];
}

/** A pin's `build` in reqset.json. */
export interface BuildSettings extends BuildRecipe {
  /** Whether the sdist is built though there is a wheel that fits. */
  isForced: boolean;
  /** Build requirements that replace what the sdist says about the same distributions, or add to it. */
  requires: string[];
  /** A wheel of the workspace that is taken instead of anything else. */
  wheel?: WorkspaceFile;
}

export const EMPTY_RECIPE: BuildRecipe = { environment: {}, configSettings: {}, patches: [], system: [] };

/** The recipe without what is empty, its keys in order: the same text for the same recipe. */
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
