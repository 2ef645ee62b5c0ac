// The content of a lock. `pylock.ts` reads and writes its file.
import type { WheelFile } from '../names/distribution-file.js';
import type { BuildRecipe } from './build-recipe.js';
import type { Layout } from './layout.js';

/** A distribution that the build of a source tree needs, beside or among the pins. */
export interface BuildRequirement {
  name: string;
  version: string;
  wheel: WheelFile;
  /** Digest of what it gives to compilers, where it is a pin of the reqset too and gives something. See `apiDigest`. */
  api?: string;
}

/** Where a pin's bytes come from. Each `path` is relative to the workspace's root. */
export type PinSource =
  /** A wheel of the index. */
  | { kind: 'wheel'; wheel: WheelFile }
  /** A wheel of the workspace. */
  | { kind: 'prebuilt'; path: string; wheel: WheelFile }
  /** An sdist of the index, to be built. */
  | { kind: 'sdist'; sdist: WheelFile; buildRequires: BuildRequirement[]; recipe: BuildRecipe }
  /** A source tree of the workspace, to be built. */
  | { kind: 'directory'; path: string; buildRequires: BuildRequirement[] };

/** One distribution of a reqset at one exact version. */
export interface LockedPackage {
  /** PEP 503 name. */
  name: string;
  version: string;
  /** The RPM's release: rises when the bytes of the same version change. */
  release: number;
  source: PinSource;
  /** Extras of this package that the reqset asks for. */
  extras: string[];
  /** Active requirements, markers and extras resolved: `numpy<2.7,>=1.26.4`. */
  requires: string[];
  /** PEP 503 names of the packages that `requires` names. */
  dependencies: string[];
}

/** An application of the reqset: its own library is among the packages. */
export interface LockedApplication {
  /** Its folder's name under `apps/`. */
  name: string;
  /** The RPM's release: rises when the closure of the same version changes. */
  release: number;
  /** PEP 503 name of its own library. */
  library: string;
  /** PEP 503 names of the packages that make its environment. */
  tools: string[];
}

/** One lock for one variant of one reqset. */
export interface Lock {
  /** Full version of the Python that was resolved for: `3.11.2`. */
  python: string;
  /** Platform tag that was resolved for: `manylinux_2_28_x86_64`. */
  platform: string;
  /** Digest of what was resolved: requirements and applications. See `inputsDigest`. */
  inputsSha256: string;
  /** Whether compiled bytecode is delivered beside the wheels' files. */
  bytecode: boolean;
  /** How wheel RPMs carry their wheels. */
  layout: Layout;
  /** How RPMs compress their payload, as their writer names it (`xz:2`); absent where as it does by default. */
  compression?: string | undefined;
  /** In the order of their names. */
  packages: LockedPackage[];
  /** In the order of their names. */
  applications: LockedApplication[];
}
