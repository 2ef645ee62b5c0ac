// Plans the build sandbox of bubblewrap: namespaces of its own, no capabilities, no network, and a root folder that contains only what a build needs.
import { join } from 'node:path';
import { BUNDLED_FOLDER, type RootMount } from './build-root.js';

/** Path of the work folder in the sandbox. It is fixed, so that built files do not contain a path that differs between builds. */
export const FIXED_FOLDER = '/tmp/pinpack-build';

/** The folders of one build on this machine. */
export interface BuildFolders {
  /** Contains `source`, `home` and `out`; the only folder that the build writes to. */
  work: string;
  /** The build environment: shared between builds, and read-only. */
  environment: string;
  /** Vendored crates, if the source has any. */
  crates?: string;
  /** Prefix of the Python that the environment was made with: paths of its headers would get into debug information. */
  python?: string;
}

/** A command, and the build's folders as it sees them. */
export interface PlannedCall {
  program: string;
  words: string[];
  folders: BuildFolders;
}

/** How this machine can sandbox a build. */
export interface SandboxKind {
  /** Absolute paths of the programs, because the build's PATH must not decide which ones run outside of the sandbox. */
  programs: { bwrap: string; prlimit: string; setpriv: string };
  /** Whether bubblewrap can forbid further user namespaces (0.8 and later). The system call filter rejects them too. */
  disablesUserNamespaces: boolean;
  /** For root: the unprivileged user of the build. Otherwise the build runs with the user id that pinpack has. */
  user?: number;
}

/** What the sandbox of one call contains besides the work folder and the build environment. */
export interface SandboxRoot {
  kind: SandboxKind;
  /** `/usr` and the files of `/etc` that programs need: of this machine, as options of bubblewrap, or of a build root. */
  system: readonly string[] | { root: string; mounts: readonly RootMount[] };
  /** Folders inside the system that builds must not see: a home folder or a workspace below `/usr`. */
  masked: readonly string[];
  /** Other folders that the build reads, at the same path: the Python, compilers in the home folder, those of the settings. */
  readable: readonly string[];
  /** The Python of a build root that is not in its system folders. */
  python?: string;
  /** Programs to hide; see `hiddenPrograms`. */
  hidden: readonly string[];
  /** The call's own folder with `backend.py`, `etc`, `tmp` and `shm`. No earlier call of the build could write to it. */
  call: string;
  /** Whether there is a system call filter, which the program then reads from `FILTER_DESCRIPTOR`. */
  isFiltered: boolean;
  /** The command that sets the kernel's limits. It is run outside of the sandbox, because a build root may lack it. */
  limit: Limit;
}

/** `prlimit …`, which then runs the command after it. */
export type Limit = readonly [program: string, ...words: string[]];

/** The folders of the work folder. */
export const WORK_FOLDERS = ['source', 'home', 'out', 'temporary', 'environment', 'crates'];
const FILTER_DESCRIPTOR = 3;
const DRIVER = '/pinpack/backend.py';

/** Programs that are also on package indexes. They are hidden during `lock`, so that the lock does not depend on what is installed. */
const PROGRAMS_ON_INDEX = ['ninja', 'cmake', 'meson', 'patchelf', 'cython'].map((name) => `/usr/bin/${name}`);

/** The programs to hide while a lock is made. @param exists - whether a file exists */
export function hiddenPrograms(exists: (path: string) => boolean): string[] {
  return PROGRAMS_ON_INDEX.filter(exists);
}

/** Makes the command from the folders and the path of `backend.py` as it will see them. */
export type Command = (folders: BuildFolders, driver: string) => readonly [string, ...string[]];

/** A call without a sandbox, in its own folder. @param call - contains `backend.py` */
export function planOpenCall(
  folders: BuildFolders,
  command: Command,
  { call, limit: [program, ...words] }: Pick<SandboxRoot, 'call' | 'limit'>,
): PlannedCall {
  return { program, words: [...words, ...command(folders, join(call, 'backend.py'))], folders };
}

export function planSandboxedCall(folders: BuildFolders, command: Command, root: SandboxRoot): PlannedCall {
  const inside: BuildFolders = {
    work: FIXED_FOLDER,
    environment: join(FIXED_FOLDER, 'environment'),
    ...(folders.crates !== undefined && { crates: join(FIXED_FOLDER, 'crates') }),
    ...(folders.python !== undefined && { python: folders.python }),
  };
  const { user } = root.kind;
  const { system } = root;
  const buildRoot = 'root' in system ? system.root : undefined;
  const own = [root.call, folders.work, folders.environment, folders.crates, buildRoot, root.python];
  const sources = [...own, ...root.readable].filter(isSet);
  const stage = user === undefined ? sources : sources.map((_, index) => `${STAGE}/${index}`);
  const at = (path: string | undefined): string => stage[sources.indexOf(path ?? '')] ?? '';
  const words = [
    ...isolation(root),
    ...('root' in system ? system.mounts.flatMap((mount) => mountWords(at(system.root), mount)) : system),
    ...root.masked.flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    // Files in memory would count neither as memory of a process nor as disk space.
    ...['--dev', '/dev', '--bind', `${at(root.call)}/shm`, '/dev/shm', '--remount-ro', '/dev'],
    // A process of root could write to it even without capabilities.
    ...['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'],
    ...['--bind', `${at(root.call)}/tmp`, '/tmp', '--symlink', '/tmp', '/var/tmp'],
    ...ETC_OF_CALL.flatMap((name) => ['--ro-bind', `${at(root.call)}/etc/${name}`, `/etc/${name}`]),
    ...['--ro-bind', `${at(root.call)}/backend.py`, DRIVER],
    ...root.readable.flatMap((path) => ['--ro-bind', at(path), path]),
    ...(root.python === undefined ? [] : ['--ro-bind', at(root.python), BUNDLED_FOLDER]),
    ...['--bind', at(folders.work), inside.work],
    ...['--ro-bind', at(folders.environment), inside.environment],
    ...(inside.crates === undefined ? [] : ['--ro-bind', at(folders.crates), inside.crates]),
    ...root.hidden.flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...['--remount-ro', '/', '--hostname', 'pinpack', '--chdir', join(inside.work, 'source'), '--'],
    ...command(inside, DRIVER),
  ];
  const { bwrap, setpriv } = root.kind.programs;
  const outer = user === undefined ? [] : [bwrap, ...stageForUser(sources), setpriv, ...becomeUser(user)];
  const [program = bwrap, ...all] = [...outer, ...root.limit, bwrap, ...words];
  return { program, words: all, folders: inside };
}

function mountWords(root: string, { path, link }: RootMount): string[] {
  return link === undefined ? ['--ro-bind', `${root}${path}`, path] : ['--symlink', link, path];
}

/** Files of `/etc` that are made for each call, the same on every machine. */
export const ETC_OF_CALL = ['passwd', 'group', 'hosts', 'nsswitch.conf'] as const;

/** A user id that differs from root's, and is the same on every machine. */
const BUILD_USER = '1000';

/** A new session keeps the build from the caller's terminal (TIOCSTI). */
function isolation({ kind, isFiltered }: Pick<SandboxRoot, 'kind' | 'isFiltered'>): string[] {
  return [
    ...['--unshare-user', '--unshare-net', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(kind.disablesUserNamespaces ? ['--disable-userns'] : []),
    ...['--uid', BUILD_USER, '--gid', BUILD_USER, '--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
    ...(isFiltered ? ['--seccomp', String(FILTER_DESCRIPTOR)] : []),
  ];
}

const STAGE = '/tmp';

/**
 * For root: mounts the folders where an unprivileged user can reach them, and becomes that user. A build with root's user id could read files of root in the
 * system folders, would have no limit on processes (RLIMIT_NPROC), and could change the kernel's settings in `/proc/sys`.
 */
function stageForUser(sources: readonly string[]): string[] {
  return [
    ...['--dev-bind', '/', '/', '--unshare-pid', '--die-with-parent', '--tmpfs', STAGE],
    ...sources.flatMap((source, index) => ['--bind', source, `${STAGE}/${index}`]),
    ...['--chdir', '/', '--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--'],
  ];
}

function becomeUser(user: number): string[] {
  return ['--reuid', String(user), '--regid', String(user), '--clear-groups', '--inh-caps=-all', '--'];
}

function isSet(path: string | undefined): path is string {
  return path !== undefined;
}
