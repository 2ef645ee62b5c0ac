// Wheels of the workspace ("wheel" in reqset.json), which are used instead of files of an index.
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { LockInputs } from '../lock/inputs.js';
import type { WheelFile } from '../names/distribution-file.js';
import { readLockedFile } from '../build/patches.js';
import { openWheel } from '../wheel/wheel.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { SdistTools } from './sdist-facts.js';
import { stubWheel } from './stub-wheel.js';

/** A pin whose wheel is known before the resolution. `path` is relative to the workspace's root; absent for a wheel with a URL. */
export interface PrebuiltPin {
  name: string;
  version: string;
  path?: string;
  /** Where the wheel is on this machine; absent if uv gets its metadata. */
  file?: string;
  wheel: WheelFile;
  requiresDist: string[];
}

/** @throws DistError `DIST_SOURCE_PREBUILT_INVALID` with every issue, `DIST_WHEEL_*` */
export async function readPrebuilt(
  { root, uv, index }: Pick<SdistTools, 'root' | 'uv' | 'index'>,
  subject: string,
  { builds = {}, target }: LockInputs,
): Promise<PrebuiltPin[]> {
  const read = Object.entries(builds).map(async ([name, { wheel: file }]) => {
    if (file === undefined) return [];
    const fileName = basename(file.path);
    await readLockedFile(root, file);
    const opened = await openWheel(join(root, file.path), index.limits);
    opened.close();
    const { size } = await stat(join(root, file.path));
    const wheel = { name: fileName, size, sha256: file.sha256 };
    const { version, requiresDist } = opened.metadata;
    return [
      {
        given: name,
        name: opened.identity.name,
        version,
        path: file.path,
        file: join(root, file.path),
        wheel,
        requiresDist: [...requiresDist],
      },
    ];
  });
  const pins = (await Promise.all(read)).flat();
  const all = pins.map(({ given: _given, ...pin }) => pin);
  throwIssues(subject, [
    ...pins.flatMap(({ given, name, path }) =>
      given === name
        ? []
        : [issue('DIST_SOURCE_PREBUILT_INVALID', `${path}: is a wheel of ${name}, expected ${given}`)],
    ),
    ...(await incompatible(uv, target, all)),
  ]);
  return all;
}

/** The wheels that the target cannot install. */
export async function incompatible(
  uv: SdistTools['uv'],
  target: LockInputs['target'],
  pins: readonly PrebuiltPin[],
): Promise<DistIssue[]> {
  const candidates = Object.fromEntries(pins.map(({ name, wheel }) => [name, [wheel.name]]));
  const fitting = pins.length === 0 ? {} : await chooseWheels(uv, target, candidates);
  return pins.flatMap(({ name, path, wheel }) =>
    fitting[name] === null
      ? [
          issue(
            'DIST_SOURCE_PREBUILT_INVALID',
            `${path ?? wheel.name}: is not compatible with Python ${target.python} on ${target.platform}`,
            'Use a wheel for this target, or change "python" or "platform" in reqset.json.',
          ),
        ]
      : [],
  );
}

/** Calls `use` with a temporary folder that contains only these wheels and sdists; undefined if there are none. */
export async function offering<Result>(
  pins: readonly PrebuiltPin[],
  sdists: readonly { name: string; version: string }[],
  use: (folder: string | undefined) => Promise<Result>,
): Promise<Result> {
  if (pins.length === 0 && sdists.length === 0) return use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-prebuilt-'));
  try {
    await Promise.all(
      pins.map(async ({ file, wheel, ...pin }) => {
        const path = join(folder, wheel.name);
        if (file === undefined) await writeFile(path, await stubWheel(wheel.name, pin));
        else await copyFile(file, path);
      }),
    );
    // uv only lists sdists whose metadata it gets, so they may be empty.
    const names = sdists.map(({ name, version }) => `${name.replaceAll('-', '_')}-${version}.tar.gz`);
    await Promise.all(names.map((name) => writeFile(join(folder, name), '')));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
