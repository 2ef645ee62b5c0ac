// What the page derives from the data of a set.
import type { PinData, SetData, VulnerabilityData } from '../src/html-report/page-data.js';

export interface Pin extends PinData {
  index: number;
  /** Pins that require it, with their requirements. */
  dependents: [number, string][];
  /** What requires it from outside of the set. */
  roots: string[];
  /** Without those that a review excepts. */
  vulnerabilities: VulnerabilityData[];
  /** Applications that contain it, by their index. */
  applications: number[];
}

export interface Model extends Omit<SetData, 'pins'> {
  pins: Pin[];
  /** The date of the report. */
  made: string;
}

export function modelOf(set: SetData, made: string): Model {
  const pins = set.pins.map((pin, index): Pin => ({
    ...{ ...pin, index, dependents: [], roots: [], vulnerabilities: [], applications: [] },
  }));
  for (const { index, requires } of pins)
    for (const [target, text] of requires) pins[target]?.dependents.push([index, text]);
  for (const { text, pin } of set.roots) pins[pin]?.roots.push(text);
  for (const found of set.vulnerabilities)
    if (found.exception === undefined) pins[found.pin]?.vulnerabilities.push(found);
  set.applications.forEach(({ pins: members }, at) => {
    for (const member of members) pins[member]?.applications.push(at);
  });
  return { ...set, pins, made };
}

/** Whether its wheel is built from source. */
export function isBuilt({ origin }: Pin): boolean {
  return origin === 'sdist' || origin === 'directory';
}

/** A path from something outside of the set to a pin. */
export interface Route {
  root: string;
  /** The pins on the path, each with its requirement on the next one. */
  steps: { pin: number; wants: string }[];
}

/** The shortest path from each root, the shortest first: breadth-first from the pin, because dependencies may be cyclic. */
export function routesTo(model: Model, goal: number, most: number): { routes: Route[]; more: number } {
  const next = new Map<number, { pin: number; wants: string } | undefined>([[goal, undefined]]);
  for (const pin of next.keys()) {
    for (const [dependent, wants] of model.pins[pin]?.dependents ?? []) {
      if (!next.has(dependent)) next.set(dependent, { pin, wants });
    }
  }
  const starts = [...next.keys()].flatMap((pin) => (model.pins[pin]?.roots ?? []).map((root) => ({ pin, root })));
  const routes = starts.slice(0, most).map(({ pin, root }): Route => {
    const steps: Route['steps'] = [];
    let at: number | undefined = pin;
    while (at !== undefined) {
      const step = next.get(at);
      if (step !== undefined) steps.push({ pin: at, wants: step.wants });
      at = step?.pin;
    }
    return { root, steps };
  });
  return { routes, more: starts.length - routes.length };
}

/** The pins that a pin leads to, or that lead to it, without itself. */
export function reach(model: Model, start: number, direction: 'dependencies' | 'dependents'): Set<number> {
  const found = new Set([start]);
  for (const at of found) {
    const pin = model.pins[at];
    const targets = direction === 'dependencies' ? pin?.requires : pin?.dependents;
    for (const [target] of targets ?? []) found.add(target);
  }
  found.delete(start);
  return found;
}

export function sum(values: Iterable<number | undefined>): number {
  let total = 0;
  for (const value of values) total += value ?? 0;
  return total;
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'none', 'unknown'];

export function worst(pin: Pin): string | undefined {
  return SEVERITIES.find((severity) => pin.vulnerabilities.some((found) => found.severity === severity));
}

export const ORIGINS: Readonly<Record<PinData['origin'], string>> = {
  wheel: 'wheel',
  prebuilt: 'workspace wheel',
  sdist: 'built from sdist',
  directory: 'workspace source',
};
