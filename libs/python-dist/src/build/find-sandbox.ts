// Finds out how this machine can sandbox builds. There is no fallback: without a sandbox, a build stops unless the user has turned the sandbox off.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '@pinpack/common/program';
import { distError } from '../dist-error.js';
import { makeCallFolder } from './call-folder.js';
import { planSandboxedCall, type SandboxKind } from './sandbox.js';
import { describeFailure, type MachineFacts } from './sandbox-failure.js';
import { giveTo, startPlanned } from './start-call.js';
import { systemMounts } from './sandbox-root.js';
import { prepareWorkFolder, removeWorkFolder } from './work-folder.js';

/** Not used by accounts: systemd gives such ids to services while they run. */
const FIRST_BUILD_USER = 61_184;
const BUILD_USERS = 4096;

let found: Promise<SandboxKind> | undefined;

/** @throws DistError `DIST_BUILD_SANDBOX` with what to install or to enable */
export function findSandbox(): Promise<SandboxKind> {
  found ??= search().catch((error: unknown) => {
    found = undefined;
    throw error;
  });
  return found;
}

async function search(): Promise<SandboxKind> {
  const path = process.env.PATH ?? '';
  const [bwrap, prlimit, setpriv] = await Promise.all(
    ['bwrap', 'prlimit', 'setpriv'].map((name) => locate(name, path)),
  );
  let failure = '';
  if (bwrap !== undefined && prlimit !== undefined) {
    for (const kind of candidates({ bwrap, prlimit, setpriv: setpriv ?? '' })) {
      const output = await trySandbox(kind);
      if (output === undefined) return kind;
      failure = output;
    }
  }
  const facts = readFacts({ bwrap: bwrap !== undefined, prlimit: prlimit !== undefined }, failure);
  throw distError('build sandbox', 'DIST_BUILD_SANDBOX', describeFailure(facts));
}

async function locate(program: string, path: string): Promise<string | undefined> {
  const file = await findOnPath(program, `${path}:/usr/bin:/bin`);
  return file === undefined ? undefined : realpathSync(file);
}

/** The strongest first. */
function candidates(programs: SandboxKind['programs']): SandboxKind[] {
  const user = FIRST_BUILD_USER + (process.pid % BUILD_USERS);
  const kinds = [true, false].map((disablesUserNamespaces) => ({ programs, disablesUserNamespaces }));
  const isRoot = process.getuid?.() === 0 && programs.setpriv !== '';
  return [...(isRoot ? kinds.map((kind) => ({ ...kind, user })) : []), ...kinds];
}

/** @returns the output of a failure */
async function trySandbox(kind: SandboxKind): Promise<string | undefined> {
  const work = await mkdtemp(join(tmpdir(), 'pinpack-probe-'));
  const call = await makeCallFolder();
  try {
    await prepareWorkFolder(work);
    if (kind.user !== undefined) await giveTo(kind.user, [work, join(call, 'tmp'), join(call, 'shm')]);
    const limit = [kind.programs.prlimit, '--core=0', '--'] as const;
    const root = { kind, system: systemMounts(), masked: [], readable: [], hidden: [], call, isFiltered: true, limit };
    const planned = planSandboxedCall({ work, environment: join(work, 'home') }, () => ['true'], root);
    const { failed, all } = await startPlanned(planned, {
      cwd: work,
      env: { PATH: '/usr/bin:/bin' },
      timeout: PROBE_MS,
    });
    return failed ? all : undefined;
  } finally {
    await removeWorkFolder(call);
    await removeWorkFolder(work);
  }
}

const PROBE_MS = 60_000;

function readFacts(installed: MachineFacts['installed'], output: string): MachineFacts {
  return {
    installed,
    output,
    unprivilegedClone: readSetting('kernel/unprivileged_userns_clone'),
    maxUserNamespaces: readSetting('user/max_user_namespaces'),
    restrictedByAppArmor: readSetting('kernel/apparmor_restrict_unprivileged_userns'),
    isContainer: ['/.dockerenv', '/run/.containerenv'].some(existsSync) || process.env.container !== undefined,
  };
}

function readSetting(name: string): string | undefined {
  try {
    return readFileSync(join('/proc/sys', name), 'utf8').trim();
  } catch {
    return undefined;
  }
}
