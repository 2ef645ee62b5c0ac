// Plans the project of the Python that a set brings along. Pure.
import type { ProjectConfiguration } from '@nx/devkit';
import { bundledPythonDigest, plainVersion, type BundledPython } from '@pinpack/python-dist';
import { pythonProject, pythonRpmFileName, setLabel, splitSet } from '@pinpack/rpm-packaging';
import { pythonProjectFolder, reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import { deltaTarget } from './repository-targets.js';

/** `reqset3-python`. @param code - digest of pinpack's code */
export function bundledPythonProject(set: string, python: BundledPython, code: string): ProjectConfiguration {
  const { reqset, variant } = splitSet(set);
  const name = pythonProject(set);
  const { version, platform, interpreter } = python;
  const { release, kind, location } = interpreter;
  const isInWorkspace = kind === 'archive' && !/^(?:\/|https?:)/i.test(location) && !location.startsWith('..');
  return {
    name,
    root: pythonProjectFolder(set),
    projectType: 'library',
    tags: ['pinpack:python', `reqset:${reqset}`, ...(variant === undefined ? [] : [`variant:${variant}`])],
    targets: {
      rpm: {
        executor: 'pinpack:python-rpm',
        cache: true,
        inputs: [
          '{projectRoot}/python.json',
          // Whatever is there must have the digest of python.json; so that `nx affected` sees a change.
          ...(isInWorkspace ? [`{workspaceRoot}/${location}`] : []),
          { externalDependencies: [] },
        ],
        outputs: [
          `{workspaceRoot}/${reqsetPaths(set).rpms}/${pythonRpmFileName(set, version, { platform, release })}`,
          `{workspaceRoot}/${rpmDigestFile(set, name)}`,
        ],
        options: { reqset: set, digest: bundledPythonDigest(python), code },
        metadata: {
          description: 'Packs the Python that the reqset brings along as an RPM',
          technologies: ['python', 'rpm'],
          help: { command: `npx nx run ${name}:rpm`, example: { args: ['--skip-nx-cache'] } },
        },
      },
      delta: deltaTarget(set, name, { version: plainVersion(version), release }),
    },
    metadata: { technologies: ['python', 'rpm'], description: `Python ${version} of ${setLabel(set)}` },
  };
}
