// The content of a lock. `pylock.ts` reads and writes its file.
import type { WheelFile } from '../names/distribution-file.js';
import type { BuildRecipe } from './build-recipe.js';
import type { Layout } from './layout.js';
import type { InterpreterPlace, InterpreterSource, RecordedInputs } from './inputs.js';

/** A distribution that a build needs. It may be a pin too. */
export interface BuildRequirement {
  name: string;
  version: string;
  wheel: WheelFile;
  /** Digest of the files that it offers to compilers, if it is a pin of the reqset and has such files. See `apiDigest`. */
  api?: string;
}

/** The source of a pin. Each `path` is relative to the workspace's root. */
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
  /** The RPM's Release: incremented when the bytes of the same version change. */
  release: number;
  source: PinSource;
  /** Extras of this package that the reqset requires. */
  extras: string[];
  /** Active requirements, markers and extras resolved: `numpy<2.7,>=1.26.4`. */
  requires: string[];
  /** PEP 503 names of the packages in `requires`. */
  dependencies: string[];
  /** Date of the RPM: when its file was uploaded (`2026-11-20T23:34:54Z`). Absent in locks of pinpack 0.1, and for indexes without upload times. */
  time?: string;
  /** Present if a RECORD that differs from the wheel's files is refused. */
  record?: 'exact';
}

/** An application of the reqset. Its library is one of the packages. */
export interface LockedApplication {
  /** Its folder's name under `apps/`. */
  name: string;
  /** The RPM's Release: incremented when the closure of the same version changes. */
  release: number;
  /** PEP 503 name of its library. */
  library: string;
  /** PEP 503 names of the pins that its dependency groups require; absent without groups. */
  groups?: string[];
}

/** A Python that the RPMs of a set bring along instead of using the system's. Its version is that of the lock. */
export interface LockedInterpreter extends InterpreterPlace {
  /** In hex: of the archive, or of the files of a folder or of what was built, see `copyInterpreter`. */
  sha256: string;
  /** Bytes of the archive; 0 for a folder or what was built. */
  size: number;
  /** Of the kind `source`. */
  source?: InterpreterSource;
  /** The RPM's Release. */
  release: number;
  /** Date of the RPM: of the newest file in the archive. Absent for folders, and in older locks. */
  time?: string;
  /** Versions of the libraries in it by name, for SBOMs; '' where it does not tell. Absent if it did not run where it was locked. */
  contains?: Readonly<Record<string, string>>;
}

/** The lock of one variant of a reqset. */
export interface Lock {
  /** Full version of the target's Python: `3.11.2`. */
  python: string;
  /** Platform tag of the target: `manylinux_2_28_x86_64`. */
  platform: string;
  /** Digest of the requirements and other inputs. See `inputsDigest`. */
  inputsSha256: string;
  /** The requirements as written; absent in locks of pinpack 0.1. */
  inputs?: RecordedInputs;
  /** Whether wheel RPMs contain compiled bytecode. */
  bytecode: boolean;
  /** Layout of the wheel RPMs. */
  layout: Layout;
  /** Compression of RPM payloads, by the name of the RPM writer (`xz:2`); absent for the default. */
  compression?: string | undefined;
  /** Absent if applications use the system's Python. */
  interpreter?: LockedInterpreter;
  /** Digest of the root that packages are built in; absent if they are built on the machine. */
  buildRoot?: string;
  /** Groups of packages that may contain the same paths. Files of a later package replace those of an earlier one. */
  overlaps?: string[][];
  /** Sorted by name. */
  packages: LockedPackage[];
  /** Sorted by name. */
  applications: LockedApplication[];
}
