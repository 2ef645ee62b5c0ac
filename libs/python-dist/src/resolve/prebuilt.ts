// Wheels of the workspace ("wheel" in reqset.json), which are used instead of files of an index.
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { issue, throwIssues } from '../dist-error.js';
import type { LockInputs } from '../lock/inputs.js';
import type { WheelFile } from '../names/distribution-file.js';
import { readLockedFile } from '../build/patches.js';
import { openWheel } from '../wheel/wheel.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { SdistTools } from './sdist-facts.js';

/** A pin whose wheel is in the workspace. `path` is relative to its root. */
export interface PrebuiltPin {
  name: string;
  version: string;
  path: string;
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
      { given: name, name: opened.identity.name, version, path: file.path, wheel, requiresDist: [...requiresDist] },
    ];
  });
  const pins = (await Promise.all(read)).flat();
  const candidates = Object.fromEntries(pins.map(({ name, wheel }) => [name, [wheel.name]]));
  const fitting = pins.length === 0 ? {} : await chooseWheels(uv, target, candidates);
  throwIssues(
    subject,
    pins.flatMap(({ given, name, path }) => [
      ...(given === name
        ? []
        : [issue('DIST_SOURCE_PREBUILT_INVALID', `${path}: is a wheel of ${name}, expected ${given}`)]),
      ...(fitting[name] === null
        ? [
            issue(
              'DIST_SOURCE_PREBUILT_INVALID',
              `${path}: is not compatible with Python ${target.python} on ${target.platform}`,
            ),
          ]
        : []),
    ]),
  );
  return pins.map(({ name, version, path, wheel, requiresDist }) => ({ name, version, path, wheel, requiresDist }));
}

/** Calls `use` with a temporary folder that contains only these wheels; undefined if there are none. */
export async function offering<Result>(
  root: string,
  pins: readonly PrebuiltPin[],
  use: (folder: string | undefined) => Promise<Result>,
): Promise<Result> {
  if (pins.length === 0) return use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-prebuilt-'));
  try {
    await Promise.all(pins.map(({ path, wheel }) => copyFile(join(root, path), join(folder, wheel.name))));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
