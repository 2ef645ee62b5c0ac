// Store keys: digests of exactly the inputs that determine an output's bytes, so that different repositories share outputs. Nx's own hash also
// covers nx.json, .gitignore and the options of every target, so it never matches in another repository. Pure.
import { sha256Of } from '@pinpack/common/digest';
import {
  carriesBytecode,
  type BuildRecipe,
  type BuildRequirement,
  type Interpreter,
  type LockedInterpreter,
  type Pin,
} from '@pinpack/python-dist';
import { applicationRequestDigest, type ApplicationRequest } from '../application-rpm/application-request.js';
import { setLabel } from '../names/rpm-names.js';
import { apiRequirements } from '../wheel-rpm/api-requires.js';
import type { CanonicalFacts } from '../wheel-rpm/canonical-facts.js';

/** Inputs of every output. */
interface Common {
  /** Digest of pinpack's own code. */
  code: string;
}

export interface WheelRpmInputs extends Common {
  set: string;
  pin: Pin;
  vendor: string;
  /** As it lies there. */
  wheel: { fileName: string; sha256: string };
  /** The Python that compiles its bytecode, where it has any. */
  compiler: string | undefined;
}

/** Edges, and where the wheel came from, are in no RPM. */
const NOT_IN_RPM = new Set<string>(['source', 'dependencies', 'extras', 'buildRoot'] satisfies (keyof Pin)[]);

export function wheelRpmKey({ pin, set, ...inputs }: WheelRpmInputs): string {
  const facts = Object.fromEntries(Object.entries(pin).filter(([name]) => !NOT_IN_RPM.has(name)));
  const requires = [...pin.requires].sort();
  return keyOf('wheel RPM', {
    ...inputs,
    set: setLabel(set),
    pin: { ...facts, requires, bytecode: carriesBytecode(pin) },
    // The RPM requires the numpy that the wheel was compiled with, even if no byte of the wheel shows which.
    api: apiRequirements(pin, true),
  });
}

export interface ApplicationRpmInputs extends Common {
  request: ApplicationRequest;
  vendor: string;
  /** Of pinpack-runtime. */
  runtime: string;
  /** Of each wheel, by the pin's name. */
  facts: ReadonlyMap<string, CanonicalFacts>;
  /** The files that the settings name, by their path. */
  delivered: ReadonlyMap<string, Uint8Array>;
}

export function applicationRpmKey({ code, request, vendor, runtime, facts, delivered }: ApplicationRpmInputs): string {
  const digests = [...delivered].map(([path, content]) => [path, sha256Of(content)] as const);
  return keyOf('application RPM', {
    code,
    order: applicationRequestDigest(request),
    vendor,
    runtime,
    facts: Object.fromEntries(facts),
    delivered: Object.fromEntries(digests),
  });
}

export interface PythonRpmInputs extends Common {
  set: string;
  /** Full version. */
  python: string;
  platform: string;
  interpreter: Pick<LockedInterpreter, 'sha256' | 'keep' | 'release' | 'time'>;
  compression: string | undefined;
  vendor: string;
  /** The Python that compiles bytecode, if there is any. */
  compiler: string | undefined;
}

export function pythonRpmKey({ set, interpreter, ...inputs }: PythonRpmInputs): string {
  const { sha256, keep, release, time } = interpreter;
  return keyOf('Python RPM', { ...inputs, set: setLabel(set), sha256, keep: [...keep].sort(), release, time });
}

/** A source tree by its digest, or an sdist by its own and by how it is built. */
export type BuiltFrom = { tree: string } | { sdist: string; recipe: BuildRecipe };

export interface SourceBuildInputs extends Common {
  pin: Pick<Pin, 'name' | 'version' | 'platform'>;
  from: BuiltFrom;
  buildRequires: readonly BuildRequirement[];
  /** With its C library, without its path; or the root that has it, whose digest stands for its compilers too, and the Python that the set brings along. */
  python: Interpreter | { root: string; minor: string; bundled?: string };
  /** The version output of the compilers, if the build uses them. */
  compilers: Record<string, string> | undefined;
}

export function sourceBuildKey({ pin, buildRequires, python, ...inputs }: SourceBuildInputs): string {
  const { name, version, platform } = pin;
  const wheels = buildRequires.map((needed) => [needed.name, needed.version, needed.wheel.name, needed.wheel.sha256]);
  return keyOf('source build', {
    ...inputs,
    pin: { name, version, platform },
    buildRequires: wheels.sort(),
    python: { ...python, path: '' },
  });
}

/** sha256 in hex of the facts, independent of the order of their keys. */
function keyOf(kind: string, facts: unknown): string {
  return sha256Of(`pinpack ${kind} 1\n${JSON.stringify(facts, sortKeys)}`);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
