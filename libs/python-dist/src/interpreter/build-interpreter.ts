// Builds CPython from its source in a build root, in the sandbox of builds: offline, limited, at a fixed path, with the same bytes on every machine.
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Of, sha256OfFile } from '@pinpack/common/digest';
import { limitCommand, rootParts } from '../build/backend.js';
import { limitReached } from '../build/build-limit.js';
import { rootSearchPath, type BuildRoot } from '../build/build-root.js';
import type { BuildPolicy } from '../build/build-policy.js';
import { buildEnvironment } from '../build/build-variables.js';
import { rootNeedsSandbox } from '../build/build-wheel.js';
import { makeCallFolder } from '../build/call-folder.js';
import { findSandbox } from '../build/find-sandbox.js';
import { runLimited, type LimitedResult } from '../build/run-limited.js';
import { planSandboxedCall } from '../build/sandbox.js';
import { giveTo, SECCOMP_FILTER } from '../build/start-call.js';
import { unpackSdist } from '../build/unpack-sdist.js';
import { builtFolder, prepareWorkFolder, removeWorkFolder } from '../build/work-folder.js';
import { distError } from '../dist-error.js';
import type { InterpreterRecipe } from '../lock/inputs.js';
import { copyInterpreter, type CopiedInterpreter } from './unpack-interpreter.js';

const SCRIPT = fileURLToPath(new URL('../../python/build_cpython.sh', import.meta.url));
const SHOWN_LINES = 15;

export interface InterpreterBuild {
  /** For messages. */
  location: string;
  /** The verified source: `Python-3.13.5.tgz`. */
  archive: string;
  /** Full version; `3.13.5t` is built without the GIL. */
  python: string;
  recipe: InterpreterRecipe;
  root: BuildRoot;
  policy: BuildPolicy;
  /** The path of the log. */
  log: string;
}

/** Identifies what is built: equal keys give equal bytes. @param source - sha256 of the archive */
export async function interpreterBuildKey(
  source: string,
  { python, recipe, root }: Pick<InterpreterBuild, 'python' | 'recipe'> & { root: string },
): Promise<string> {
  return sha256Of(
    JSON.stringify([source, root, optionsOf(python, recipe), recipe.libraries, await sha256OfFile(SCRIPT)]),
  );
}

/**
 * @param folder - gets a copy of what was built
 * @returns the copy, and the sha256 of its files
 * @throws DistError `DIST_PYTHON_BUILD_FAILED`, `DIST_BUILD_LIMIT`, `DIST_BUILD_OUTPUT`, `DIST_SOURCE_SDIST_*`
 */
export async function buildInterpreter(request: InterpreterBuild, folder: string): Promise<CopiedInterpreter> {
  const { location, archive, policy, root, log } = request;
  if (policy.sandbox === 'off') throw rootNeedsSandbox(root);
  const work = await mkdtemp(join(tmpdir(), 'pinpack-build-'));
  try {
    await unpackSdist(archive, join(work, 'source'), policy.limits);
    await prepareWorkFolder(work);
    await copyFile(SCRIPT, join(work, 'build_cpython.sh'));
    const { failed, output, exceeded } = await run(request, work);
    await writeFile(log, `${output}\n`);
    if (exceeded !== undefined) throw limitReached(location, policy.limits, exceeded, { output, log });
    if (failed) throw buildFailed(request, output);
    return await copyInterpreter(await builtFolder(work, 'out', 'python'), location, folder);
  } finally {
    await removeWorkFolder(work);
  }
}

async function run({ python, recipe, root, policy }: InterpreterBuild, work: string): Promise<LimitedResult> {
  const kind = await findSandbox();
  const call = await makeCallFolder();
  try {
    const written = [work, join(call, 'tmp'), join(call, 'shm')];
    if (kind.user !== undefined) await giveTo(kind.user, written);
    const words = [String(availableParallelism()), recipe.libraries, ...optionsOf(python, recipe)];
    const planned = planSandboxedCall(
      { work, environment: join(work, 'environment') },
      (seen) => ['/bin/sh', join(seen.work, 'build_cpython.sh'), ...words],
      {
        kind,
        ...rootParts(root),
        hidden: [],
        call,
        isFiltered: SECCOMP_FILTER !== undefined,
        limit: limitCommand(policy, kind),
      },
    );
    const variables = Object.entries(buildEnvironment(planned.folders, rootSearchPath(root)));
    return await runLimited(planned, {
      cwd: join(work, 'source'),
      input: '',
      // CPython decides itself how its modules are linked.
      env: { ...root.environment, ...Object.fromEntries(variables.filter(([name]) => !/^LD\w*SHARED$/.test(name))) },
      limits: policy.limits,
      written,
      isSandboxed: true,
    });
  } finally {
    await removeWorkFolder(call);
  }
}

function optionsOf(python: string, { configure }: InterpreterRecipe): string[] {
  return [...(python.endsWith('t') ? ['--disable-gil'] : []), ...configure];
}

function buildFailed({ location, python, root, log }: InterpreterBuild, output: string): Error {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return distError(location, 'DIST_PYTHON_BUILD_FAILED', [
    `Python ${python} could not be built in the root ${root.subject}`,
    ...lines.slice(-SHOWN_LINES),
    'It needs a C compiler, make, and the headers of zlib, OpenSSL, libffi, SQLite, bzip2 and xz. Install them in the root, then lock again.',
    `Full log: ${log}`,
  ]);
}
