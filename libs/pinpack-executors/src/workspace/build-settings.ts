// reqset.json, "build": how single pins are built from source, or which wheel of the workspace is taken instead.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizeName, type BuildSettings, type WorkspaceFile } from '@pinpack/python-dist';

/** As written: paths without the digests of what lies there. */
export interface WrittenBuild {
  from?: 'sdist';
  requires?: string[];
  environment?: Record<string, string>;
  configSettings?: Record<string, string | string[]>;
  system?: string[];
  patches?: string[];
  wheel?: string;
}

const EXPECTED: Record<keyof WrittenBuild, [isRight: (value: unknown) => boolean, expected: string]> = {
  from: [(value) => value === 'sdist', '"sdist"'],
  requires: [isStrings, 'a list of requirements such as ["setuptools<81"]'],
  environment: [(value) => isRecordOf(value, isString), 'names and values such as {"CFLAGS": "-O3"}'],
  configSettings: [
    (value) => isRecordOf(value, (item) => isString(item) || isStrings(item)),
    'names, each with a string or a list of strings',
  ],
  system: [
    (value) => isStrings(value) && value.every((item) => /^(?:header|pkg-config|program):\S+$/.test(item)),
    'a list such as ["header:ffi.h", "pkg-config:libxml-2.0", "program:pg_config"]',
  ],
  patches: [isPaths, 'a list of paths in the reqset\'s folder such as ["patches/fix.patch"]'],
  wheel: [(value) => isPaths([value]), 'a path in the reqset\'s folder such as "wheels/x-1.0-py3-none-any.whl"'],
};

/** @returns what is wrong with the setting; nothing where it is right */
export function buildIssues(value: unknown): string[] {
  if (!isObject(value))
    return [`"build" is ${JSON.stringify(value)}, expected pins such as {"docopt": {"from": "sdist"}}`];
  return Object.entries(value).flatMap(([name, build]) => {
    if (!isObject(build)) return [`"build" ${name} is ${JSON.stringify(build)}, expected an object`];
    const doubled = 'wheel' in build && Object.keys(build).length > 1;
    return [
      ...Object.entries(build).flatMap(([key, setting]) => settingIssues(name, key, setting)),
      ...(doubled ? [`"build" ${name} has "wheel" and more: a wheel that is there is not built`] : []),
    ];
  });
}

function settingIssues(name: string, key: string, setting: unknown): string[] {
  if (!(key in EXPECTED)) {
    return [`"build" ${name} "${key}" is not a setting, expected ${Object.keys(EXPECTED).join(', ')}`];
  }
  const [isRight, expected] = EXPECTED[key as keyof WrittenBuild];
  return isRight(setting) ? [] : [`"build" ${name} "${key}" is ${JSON.stringify(setting)}, expected ${expected}`];
}

/** With the digests of the files that they name. @param folder - the reqset's, relative to the root. Settings must be right: see `buildIssues` */
export async function readBuilds(
  root: string,
  folder: string,
  written: Record<string, WrittenBuild>,
): Promise<Record<string, BuildSettings>> {
  const read = Object.entries(written).map(async ([name, build]): Promise<[string, BuildSettings]> => {
    const patches = await Promise.all((build.patches ?? []).map((path) => readFileFacts(root, `${folder}/${path}`)));
    const wheel = build.wheel === undefined ? undefined : await readFileFacts(root, `${folder}/${build.wheel}`);
    const { requires = [], environment = {}, configSettings = {}, system = [] } = build;
    const settings = { isForced: wheel === undefined, requires, environment, configSettings, system, patches };
    return [normalizeName(name), { ...settings, ...(wheel !== undefined && { wheel }) }];
  });
  return Object.fromEntries(await Promise.all(read));
}

async function readFileFacts(root: string, path: string): Promise<WorkspaceFile> {
  const data = await readFile(join(root, path));
  return { path, sha256: createHash('sha256').update(data).digest('hex') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString);
}

function isPaths(value: unknown): boolean {
  return isStrings(value) && value.every((path) => !path.startsWith('/') && !path.split('/').includes('..'));
}

function isRecordOf(value: unknown, isRight: (item: unknown) => boolean): boolean {
  return isObject(value) && Object.values(value).every(isRight);
}
