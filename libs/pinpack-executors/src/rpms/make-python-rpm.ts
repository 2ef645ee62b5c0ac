// Makes the RPM of the Python that a set brings along in dist/rpms: restores it from the store or packs it.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import type { Store } from '@pinpack/build-store';
import {
  cacheFolder,
  minorVersion,
  openInterpreter,
  unpackInterpreter,
  type BuildPolicy,
  type BundledPython,
  type InterpreterTools,
} from '@pinpack/python-dist';
import {
  codeDigest,
  packPythonRpm,
  pythonProject,
  pythonRpmFileName,
  pythonRpmKey,
  readBytecodeCompiler,
  rpmPattern,
} from '@pinpack/rpm-packaging';
import { interpreterTools } from '../build-roots/open-bundled-python.js';
import { makeOnce } from '../tasks/make-once.js';
import { restoreOutput, type Output } from '../tasks/restore-output.js';
import { reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import type { WheelFetcher } from '../wheels/fetch-wheel.js';
import { writeRpmDigest } from './rpm-digest.js';

export interface MakePythonRpmOptions {
  root: string;
  policy: BuildPolicy;
  /** `reqset3`, `multi/py311` */
  set: string;
  python: BundledPython;
  vendor: string;
  store: Store | undefined;
  fetcher: WheelFetcher;
}

/** @throws DistError, RpmError, PackagingError */
export async function makePythonRpm(options: MakePythonRpmOptions): Promise<Output> {
  const { root, set, python, store, vendor } = options;
  const { version, platform, interpreter, compression } = python;
  const compiler = await compilerOf(options);
  const identity = { set, python: version, platform, interpreter, compression, vendor };
  const key = pythonRpmKey({
    ...identity,
    code: codeDigest('python-rpm'),
    compiler: compiler && (await readBytecodeCompiler(minorVersion(version), compiler)),
  });
  const project = pythonProject(set);
  const folder = join(root, reqsetPaths(set).rpms);
  const fileName = pythonRpmFileName(set, version, { platform, release: interpreter.release });
  const accepts = (record: { fileName: string }): boolean => record.fileName === fileName;
  const path = join(folder, fileName);
  const { sha256, isRestored } = await makeOnce({
    ...{ store, kind: 'rpm', key },
    restore: async () => {
      const record = await restoreOutput(store, { kind: 'rpm', key, task: `${project}:rpm`, folder, accepts });
      return record && { sha256: record.sha256, isRestored: true };
    },
    make: async () => {
      const chunks = await withUnpacked(options, async (unpacked) => {
        const request = { ...identity, folder: unpacked, bytecode: python.bytecode, compiler };
        return (await packPythonRpm(request)).chunks;
      });
      await writeFileAtomically(path, chunks);
      await store?.put({ kind: 'rpm', key, fileName, attachments: {} }, path);
      return { sha256: digest('sha256', ...chunks).toString('hex'), isRestored: false };
    },
  });
  await writeRpmDigest(root, rpmDigestFile(set, project), { file: fileName, sha256 });
  await pruneOthers(folder, fileName, rpmPattern(project));
  return { path, size: (await stat(path)).size, isRestored };
}

/** The interpreter itself, unpacked in the user's cache. */
async function compilerOf(options: MakePythonRpmOptions): Promise<string | undefined> {
  const { python } = options;
  if (!python.bytecode) return undefined;
  const folder = await openInterpreter(python.interpreter, toolsOf(options), cacheFolder(process.env));
  return join(folder, 'bin', `python${minorVersion(python.version)}`);
}

function toolsOf({ set, python, fetcher, ...run }: MakePythonRpmOptions): InterpreterTools {
  return interpreterTools(run, { set, python: python.version }, fetcher);
}

/** Files that nothing else has had access to: what is packed is what the lock's digest describes. */
async function withUnpacked<Result>(
  options: MakePythonRpmOptions,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const work = await mkdtemp(join(tmpdir(), 'pinpack-python-'));
  try {
    const folder = join(work, 'python');
    await unpackInterpreter(options.python.interpreter, toolsOf(options), folder);
    return await use(folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
