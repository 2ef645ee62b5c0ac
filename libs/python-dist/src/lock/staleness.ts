// Compares a lock with its inputs, line by line.
import { normalizeName } from '../names/normalize-name.js';
import { inputsDigest, type LockInputs, type WrittenRequirement } from './inputs.js';
import type { Lock } from './lock.js';

/** The files of a set, relative to the workspace's root: `reqsets/reqset3/requirements.txt`. */
export interface InputFiles {
  requirements: string;
  constraints: string;
  settings: string;
}

/**
 * What changed in the inputs since they were locked, one message for each line or setting.
 *
 * @returns empty if the lock is current
 */
export function describeStaleness(lock: Lock, inputs: LockInputs, files: InputFiles): string[] {
  if (inputsDigest(inputs) === lock.inputsSha256) return [];
  const changes = [
    ...describeLines(lock.inputs?.requirements, inputs.requirements, files.requirements),
    ...describeLines(lock.inputs?.constraints, inputs.constraints ?? [], files.constraints),
    ...describeSources(lock, inputs),
    ...describeSettings(lock, inputs, files.settings),
  ];
  const { requirements, constraints, settings } = files;
  return changes.length > 0
    ? changes
    : [`${requirements}, ${constraints}, ${settings} or a file that it names has changed since it was locked`];
}

function describeLines(
  recorded: readonly string[] | undefined,
  written: readonly WrittenRequirement[],
  file: string,
): string[] {
  if (recorded === undefined) return [];
  const before = new Set(recorded.map(canonical));
  const after = new Set(written.map(({ text }) => canonical(text)));
  return [
    ...written.filter(({ text }) => !before.has(canonical(text))).map(({ place, text }) => `${place}: added ${text}`),
    ...recorded.filter((text) => !after.has(canonical(text))).map((text) => `${file}: removed ${text}`),
  ];
}

function describeSources(lock: Lock, { sources }: LockInputs): string[] {
  const versions = new Map(
    lock.packages.flatMap(({ source, version }) => (source.kind === 'directory' ? [[source.path, version]] : [])),
  );
  const used = new Set(sources.map(({ path }) => path));
  return [
    ...sources.flatMap(({ path, version, dependencies, buildRequires }) => {
      const file = `${path}/pyproject.toml`;
      const locked = versions.get(path);
      const recorded = lock.inputs?.sources[path];
      if (locked === undefined) return [`${file}: the application is not locked`];
      return [
        ...(locked === version ? [] : [`${file}: the version is ${version}, locked is ${locked}`]),
        ...describeLines(
          recorded?.dependencies,
          written(dependencies, `${file}: dependencies`),
          `${file}: dependencies`,
        ),
        ...describeLines(
          recorded?.buildRequires,
          written(buildRequires, `${file}: build requirements`),
          `${file}: build requirements`,
        ),
      ];
    }),
    ...[...versions.keys()]
      .filter((path) => !used.has(path))
      .map((path) => `${path}: locked, but it no longer uses the reqset`),
  ];
}

function describeSettings(lock: Lock, inputs: LockInputs, file: string): string[] {
  const { bytecode = false, layout = 'tree', compression, interpreter } = inputs;
  const { python, platform } = inputs.target;
  const settings: [name: string, found: unknown, locked: unknown][] = [
    ['python', python, lock.python],
    ['platform', platform, lock.platform],
    ['bytecode', bytecode, lock.bytecode],
    ['layout', layout, lock.layout],
    ['compression', compression ?? 'the default', lock.compression ?? 'the default'],
    ['python.bundle', interpreter?.location ?? NO_BUNDLE, lock.interpreter?.location ?? NO_BUNDLE],
    ['python.keep', describeParts(interpreter), describeParts(lock.interpreter)],
  ];
  const changed = settings.filter(([, found, locked]) => found !== locked);
  const builds = describeBuilds(lock, inputs, file);
  if ((inputs.buildRoot === undefined) !== (lock.buildRoot === undefined))
    builds.push(
      `${file}: build.root ${inputs.buildRoot === undefined ? 'is not set, but locked' : 'is set, but not locked'}`,
    );
  return [
    ...changed.map(([name, found, locked]) => `${file}: ${name} is ${String(found)}, locked is ${String(locked)}`),
    ...builds,
  ];
}

const NO_BUNDLE = 'not set';

function describeParts(interpreter: { keep: readonly string[] } | undefined): string {
  return interpreter === undefined || interpreter.keep.length === 0 ? 'empty' : [...interpreter.keep].sort().join(', ');
}

/** Names the pins for which only one of settings and lock has a build. */
function describeBuilds(lock: Lock, { builds = {} }: LockInputs, file: string): string[] {
  const kinds = new Map(lock.packages.map(({ name, source }) => [name, source.kind]));
  return Object.entries(builds).flatMap(([written, { isForced, wheel }]) => {
    const name = normalizeName(written);
    const expected = wheel === undefined ? 'sdist' : 'prebuilt';
    const kind = kinds.get(name);
    return kind === undefined || kind === expected || !(isForced || wheel !== undefined)
      ? []
      : [`${file}: build ${name} is ${expected}, locked is ${kind}`];
  });
}

function written(requirements: readonly string[], place: string): WrittenRequirement[] {
  return requirements.map((text) => ({ text, place }));
}

function canonical(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
