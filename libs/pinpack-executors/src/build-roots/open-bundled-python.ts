// Opens the Python that a set brings along, on machines where it may have to be built from source.
import {
  cacheFolder,
  fetchArchive,
  openBuilt,
  openInterpreter,
  type BuildPolicy,
  type InterpreterTools,
} from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { readLock } from '../workspace/read-lock.js';
import { readSettings } from '../workspace/reqset-settings.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { openBuildRoot } from './open-build-root.js';

/** The part of a run's context that opening a Python needs. */
export interface BundledRun {
  /** The workspace's root. */
  root: string;
  policy: BuildPolicy;
}

/** Fetches files of an index or a URL, by digest. */
export interface FileFetcher {
  fetch: (name: string, ...file: Parameters<InterpreterTools['fetch']>) => ReturnType<InterpreterTools['fetch']>;
}

/** @param set - whose build root an interpreter of the kind `source` is built in. @param python - full version */
export function interpreterTools(
  { root, policy }: BundledRun,
  { set, python }: { set: string; python: string },
  fetcher: FileFetcher,
): InterpreterTools {
  const fetch: InterpreterTools['fetch'] = (...file) => fetcher.fetch('python', ...file);
  return {
    root,
    fetch,
    build: async ({ location, recipe, source, sha256 }) => {
      if (recipe === undefined || source === undefined) throw new Error(`${location} has no recipe in the lock`);
      const common = { location, python, recipe, source, policy, cache: cacheFolder(process.env) };
      const openRoot = () => openLockedRoot(root, set, source.root);
      return openBuilt(
        {
          ...{ ...common, openRoot },
          fetchSource: (path) => fetchArchive({ location, ...source }, { root, fetch }, path),
          progress: (line) => {
            console.log(line);
          },
        },
        sha256,
      );
    },
  };
}

/** The folder of the set's own Python, in the user's cache; undefined if it uses the system's. */
export async function openBundledPython(
  run: BundledRun,
  set: string,
  fetcher: FileFetcher,
): Promise<string | undefined> {
  const { interpreter, python } = readLock(run.root, set);
  if (interpreter === undefined) return undefined;
  return openInterpreter(interpreter, interpreterTools(run, { set, python }, fetcher), cacheFolder(process.env));
}

/** The root of the settings, which must be the locked one. @throws PinpackError `PINPACK_BUILD_ROOT_*` */
export async function openLockedRoot(root: string, set: string, locked: string) {
  const { buildRoot: setting } = readSettings(root, set);
  if (setting !== undefined) return openBuildRoot({ root, setting, locked });
  throw new PinpackError('PINPACK_BUILD_ROOT_CHANGED', reqsetPaths(set).settings, [
    `build.root is not set, expected the root that the reqset is locked to, ${locked}`,
    'Run lock again.',
  ]);
}
