// Opens the root that a pin is locked to, and finds the Python that builds in it: the root's, or the one that the set brings along.
import { findRootInterpreter, type Pin, type RootBuilder } from '@pinpack/python-dist';
import { openBundledPython, openLockedRoot, type BundledRun, type FileFetcher } from './open-bundled-python.js';

/** @throws PinpackError `PINPACK_BUILD_ROOT_*`, DistError `DIST_BUILD_ROOT_*`, `DIST_PYTHON_*` */
export async function openRootBuilder(
  run: BundledRun,
  { set, pin }: { set: string; pin: Pin },
  fetcher: FileFetcher,
): Promise<RootBuilder> {
  const opened = await openLockedRoot(run.root, set, pin.buildRoot ?? '');
  const python = pin.bundled === true ? await openBundledPython(run, set, fetcher) : undefined;
  const root = { ...opened, ...(python !== undefined && { python }) };
  return { root, interpreter: await findRootInterpreter(root, pin.python) };
}
