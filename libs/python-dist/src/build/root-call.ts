// Runs a program of a build root, in the same sandbox as builds.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootParts } from './backend.js';
import { rootSearchPath, type BuildRoot } from './build-root.js';
import { makeCallFolder } from './call-folder.js';
import { findSandbox } from './find-sandbox.js';
import { planSandboxedCall } from './sandbox.js';
import { giveTo, SECCOMP_FILTER, startPlanned } from './start-call.js';
import { prepareWorkFolder, removeWorkFolder } from './work-folder.js';

export interface RootCall {
  input?: string;
  environment?: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 120_000;

/** It rejects only without a sandbox. @throws DistError `DIST_BUILD_SANDBOX`, `DIST_BUILD_ROOT_INVALID` */
export async function runInRoot(
  root: BuildRoot,
  command: readonly [string, ...string[]],
  { input = '', environment = {} }: RootCall = {},
): Promise<{ failed: boolean; all: string }> {
  const kind = await findSandbox();
  const work = await mkdtemp(join(tmpdir(), 'pinpack-root-'));
  const call = await makeCallFolder();
  try {
    await prepareWorkFolder(work);
    if (kind.user !== undefined) await giveTo(kind.user, [work, join(call, 'tmp'), join(call, 'shm')]);
    const planned = planSandboxedCall({ work, environment: join(work, 'environment') }, () => command, {
      kind,
      ...rootParts(root),
      hidden: [],
      call,
      isFiltered: SECCOMP_FILTER !== undefined,
      limit: [kind.programs.prlimit, '--core=0', '--'],
    });
    const env = { ...root.environment, PATH: rootSearchPath(root), LC_ALL: 'C.UTF-8', ...environment };
    return await startPlanned(planned, { cwd: work, env, input, timeout: TIMEOUT_MS });
  } finally {
    await removeWorkFolder(call);
    await removeWorkFolder(work);
  }
}
