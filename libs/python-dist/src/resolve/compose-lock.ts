// Composes the lock of chosen pins and their edges.
import {
  inputsDigest,
  recordInputs,
  type FoundInterpreter,
  type InterpreterInput,
  type LockInputs,
} from '../lock/inputs.js';
import type { Lock, LockedApplication, LockedInterpreter, LockedPackage } from '../lock/lock.js';
import { withReleases } from '../lock/releases.js';
import { normalizeName } from '../names/normalize-name.js';
import type { ActiveRequirements } from '../uv/evaluate.js';
import { groupsOf } from './find-edges.js';
import type { Located } from './lock-builds.js';

const NOTHING: ActiveRequirements = { extras: [], requires: [], dependencies: [] };

export interface LockContents {
  /** As they are written, which the lock records. */
  given: LockInputs;
  located: readonly Located[];
  /** Digest of the root that they are built in. */
  buildRoot?: string | undefined;
  /** By the names of pins, and by those of `findEdges`. */
  edges: Readonly<Record<string, ActiveRequirements>>;
}

/** The lock with its pins and applications in order. Releases rise above those of the previous lock where bytes change. */
export function composeLock({ given, located, buildRoot, edges }: LockContents, previous: Lock | undefined): Lock {
  const { target, bytecode = false, layout = 'tree', compression, overlaps, interpreter } = given;
  const { python, platform } = target;
  const identity = { python, platform, bytecode, layout, compression };
  const lock: Lock = {
    ...identity,
    ...(interpreter?.found !== undefined && { interpreter: lockedInterpreter(interpreter, interpreter.found) }),
    ...(buildRoot !== undefined && { buildRoot }),
    ...(overlaps !== undefined && { overlaps: overlaps.map((group) => [...group]) }),
    inputsSha256: inputsDigest(given),
    inputs: recordInputs(given),
    packages: located.map((pin) => lockedPackage(pin, { given, edges })).sort(byName),
    applications: (given.applications ?? []).map((application) => lockedApplication(application, edges)).sort(byName),
  };
  return withReleases(lock, previous);
}

function lockedInterpreter(
  { kind, location, keep, recipe }: InterpreterInput,
  found: FoundInterpreter,
): LockedInterpreter {
  return { kind, location, keep: [...keep].sort(), ...(recipe && { recipe }), ...found, release: 1 };
}

function lockedPackage(pin: Located, { given, edges }: Pick<LockContents, 'given' | 'edges'>): LockedPackage {
  const { records = {} } = given;
  const isExact = (records[pin.name] ?? records['*']) === 'exact';
  return { ...pin, release: 1, ...(edges[pin.name] ?? NOTHING), ...(isExact && { record: 'exact' }) };
}

type Application = NonNullable<LockInputs['applications']>[number];

function lockedApplication({ name, library }: Application, edges: LockContents['edges']): LockedApplication {
  const groups = edges[groupsOf(name)]?.dependencies ?? [];
  return { name, release: 1, library: normalizeName(library), ...(groups.length > 0 && { groups }) };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
