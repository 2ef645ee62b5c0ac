// Opens the root that a pin is locked to, and finds its Python.
import { findRootInterpreter, type Pin, type RootBuilder } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { readSettings } from '../workspace/reqset-settings.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { openBuildRoot } from './open-build-root.js';

/** @throws PinpackError `PINPACK_BUILD_ROOT_*`, DistError `DIST_BUILD_ROOT_*` */
export async function openRootBuilder(root: string, set: string, pin: Pin): Promise<RootBuilder> {
  const { buildRoot: setting } = readSettings(root, set);
  const locked = pin.buildRoot ?? '';
  if (setting === undefined) {
    throw new PinpackError('PINPACK_BUILD_ROOT_CHANGED', reqsetPaths(set).settings, [
      `build.root is not set, expected the root that ${pin.name} is locked to, ${locked}`,
      'Run lock again.',
    ]);
  }
  const opened = await openBuildRoot({ root, setting, locked });
  return { root: opened, interpreter: await findRootInterpreter(opened, pin.python) };
}
