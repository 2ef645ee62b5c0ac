// Explains why a pin is in a lock: the pins that require it, with version ranges, and the paths to it from requirements and applications. Pure.
import { normalizeName, parseRequirement, type Lock, type LockedPackage, type LockInputs } from '@pinpack/python-dist';

/** A pin on a path, and its requirement on the next one: `numpy<2.7,>=1.26.4`. */
export interface Step {
  name: string;
  version: string;
  wants: string;
}

/** The shortest path from a root to the pin; no steps if the root requires the pin directly. */
export interface Way {
  /** `requirements.txt:3: scipy==1.17.1`, `application my-app` */
  root: string;
  steps: Step[];
}

export interface Explanation {
  name: string;
  version: string;
  /** Every pin that requires it. */
  wantedBy: Step[];
  ways: Way[];
  /** Lines of constraints.txt that constrain it. */
  constraints: string[];
}

/** @param name - PEP 503 name of a locked package */
export function explainPin(lock: Lock, inputs: LockInputs, name: string): Explanation {
  const pins = new Map(lock.packages.map((pin) => [pin.name, pin]));
  return {
    name,
    version: pins.get(name)?.version ?? '',
    wantedBy: lock.packages.filter(({ dependencies }) => dependencies.includes(name)).map((pin) => stepOf(pin, name)),
    ways: rootsOf(lock, inputs).flatMap(({ root, start }) => {
      const path = shortestPath(pins, start, name);
      return path === undefined
        ? []
        : [{ root, steps: path.slice(0, -1).map((pin, at) => stepOf(pin, path[at + 1]?.name ?? '')) }];
    }),
    constraints: (inputs.constraints ?? [])
      .filter(({ text }) => nameOf(text) === name)
      .map(({ place, text }) => `${place}: ${text}`),
  };
}

function rootsOf({ applications }: Lock, { requirements }: LockInputs): { root: string; start: string }[] {
  return [
    ...requirements.map(({ place, text }) => ({ root: `${place}: ${text}`, start: nameOf(text) })),
    ...applications.map(({ name, library }) => ({ root: `application ${name}`, start: library })),
  ];
}

function nameOf(requirement: string): string {
  return normalizeName(parseRequirement(requirement).name);
}

function stepOf({ name, version, requires }: LockedPackage, next: string): Step {
  return { name, version, wants: requires.filter((text) => nameOf(text) === next).join(', ') };
}

/** Breadth-first, because dependencies may be cyclic. */
function shortestPath(
  pins: ReadonlyMap<string, LockedPackage>,
  start: string,
  goal: string,
): LockedPackage[] | undefined {
  const first = pins.get(start);
  const paths = first === undefined ? [] : [[first]];
  const seen = new Set([start]);
  for (const path of paths) {
    const last = path.at(-1);
    if (last?.name === goal) return path;
    for (const name of last?.dependencies ?? []) {
      const next = pins.get(name);
      if (next === undefined || seen.has(name)) continue;
      seen.add(name);
      paths.push([...path, next]);
    }
  }
  return undefined;
}

/** Text output. */
export function formatExplanation(label: string, { name, version, wantedBy, ways, constraints }: Explanation): string {
  return [
    `${label}: ${name} ${version}`,
    ...(wantedBy.length > 0 ? ['required by', ...wantedBy.map((step) => `  ${formatStep(step)}`)] : []),
    ...(constraints.length > 0 ? ['constrained by', ...constraints.map((line) => `  ${line}`)] : []),
    ...ways.flatMap(({ root, steps }) => [
      root,
      ...steps.map((step, at) => `${'  '.repeat(at + 1)}${formatStep(step)}`),
    ]),
  ].join('\n');
}

function formatStep({ name, version, wants }: Step): string {
  return `${name} ${version} requires ${wants}`;
}
