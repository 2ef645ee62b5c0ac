// Reads the Python that a set brings along for a task.
import { bundledPythonDigest, bundledPythonOf, formatBundledPython, type BundledPython } from '@pinpack/python-dist';
import { pythonProject } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { checkDerivedFile } from './derived-file.js';
import { readLock } from './read-lock.js';
import { pythonProjectFolder, reqsetPaths } from './workspace-paths.js';

export interface BundledPythonOptions {
  reqset: string;
  /** `bundledPythonDigest` when Nx read the project graph. */
  digest: string;
}

/** Rejects it if python.json or the digest that Nx hashed differs from the lock. @throws PinpackError `PINPACK_PYTHON_DISAGREES` */
export function readBundledPython(root: string, { reqset, digest }: BundledPythonOptions): BundledPython {
  const { lock, project } = reqsetPaths(reqset);
  const python = bundledPythonOf(readLock(root, reqset));
  if (python === undefined) {
    throw new PinpackError('PINPACK_PYTHON_DISAGREES', lock, [
      'it has no Python of its own',
      `Set "bundle" in reqset.json and lock again: nx run ${project}:lock`,
    ]);
  }
  const file = `${pythonProjectFolder(reqset)}/python.json`;
  checkDerivedFile(root, { file, lock, text: formatBundledPython(python) }, 'PINPACK_PYTHON_DISAGREES');
  const found = bundledPythonDigest(python);
  if (found === digest) return python;
  throw new PinpackError('PINPACK_PYTHON_DISAGREES', pythonProject(reqset), [
    `the digest of its lock is ${found}, expected ${digest}: ${lock} changed after Nx read the project graph`,
    'Run the target again.',
  ]);
}
