// The build sandbox. With bubblewrap: no network, a read-only system and a fixed path. Without it: environment variables that make indexes and proxies
// unreachable.
import { join } from 'node:path';

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

/** Programs that are also on package indexes. They are hidden during `lock`, so that the lock does not depend on what is installed. */
const PROGRAMS_ON_INDEX = ['ninja', 'cmake', 'meson', 'patchelf', 'cython'].map((name) => `/usr/bin/${name}`);

export interface SandboxOptions {
  /** Whether bubblewrap can be used. */
  isSandboxed: boolean;
  /** Files to hide; see `hiddenPrograms`. */
  hidden?: readonly string[];
  /** Folders to hide; see `hiddenFolders`. */
  hiddenFolders?: readonly string[];
  /** Files and folders that the command reads although their folder is hidden. */
  readable?: readonly string[];
}

/** The programs to hide while a lock is made. @param exists - whether a file exists */
export function hiddenPrograms(exists: (path: string) => boolean): string[] {
  return PROGRAMS_ON_INDEX.filter(exists);
}

/**
 * Namespaces of its own, no capability, also for root, and a new session: a capability could remount the system writable, and in the caller's
 * session a build could type into its terminal (TIOCSTI). Without user namespaces root still loses its capabilities.
 */
export const ISOLATION = [
  ...['--unshare-user-try', '--unshare-net', '--unshare-ipc', '--unshare-pid', '--unshare-uts'],
  ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
];

/** Files that only root may read, which a build that root starts must not see either. */
const SECRET_FILES = ['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers'];

/** @param exists - whether a file exists */
export function secretFiles(exists: (path: string) => boolean): string[] {
  return SECRET_FILES.filter(exists);
}

/** Folders with sockets of services and agents, and with keys. */
const SECRET_FOLDERS = [
  '/run',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/pki/tls/private',
  '/var/lib',
  '/var/spool',
  '/srv',
];

/** The folders to hide from a build: secrets, the home folder, and the workspace. @param exists - whether a folder exists */
export function hiddenFolders(home: string, workspace: string, exists: (path: string) => boolean): string[] {
  return [...SECRET_FOLDERS, home, workspace].filter((path) => path !== '/' && exists(path));
}

/** @param words - makes the command from the folders as it will see them */
export function planCall(
  folders: BuildFolders,
  words: (folders: BuildFolders) => readonly [string, ...string[]],
  { isSandboxed, hidden = [], hiddenFolders = [], readable = [] }: SandboxOptions,
): PlannedCall {
  if (!isSandboxed) {
    const [program, ...rest] = words(folders);
    return { program, words: rest, folders };
  }
  const inside: BuildFolders = {
    work: FIXED_FOLDER,
    environment: join(FIXED_FOLDER, 'environment'),
    ...(folders.crates !== undefined && { crates: join(FIXED_FOLDER, 'crates') }),
    ...(folders.python !== undefined && { python: folders.python }),
  };
  const mounts = [
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
    ...hiddenFolders.flatMap((path) => ['--tmpfs', path]),
    ...(folders.python === undefined ? [] : ['--ro-bind', folders.python, folders.python]),
    ...['--bind', folders.work, inside.work],
    ...['--ro-bind', folders.environment, inside.environment],
    ...(folders.crates !== undefined && inside.crates !== undefined
      ? ['--ro-bind', folders.crates, inside.crates]
      : []),
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...hidden.flatMap((path) => ['--ro-bind', '/dev/null', path]),
  ];
  const call = words(inside);
  return {
    program: 'bwrap',
    words: [...ISOLATION, ...mounts, '--hostname', 'pinpack', '--chdir', join(inside.work, 'source'), '--', ...call],
    folders: inside,
  };
}

/** The environment variables of a build. Nothing but PATH is inherited, so that builds are reproducible. */
export function buildEnvironment(
  { work, environment, crates, python }: BuildFolders,
  path: string,
): Record<string, string> {
  // Debug symbols and __FILE__ would contain the paths of this build and of this Python.
  const maps = [`${work}=.`, ...(python === undefined ? [] : [`${python}=/usr`])];
  const flags = ['-g0', ...maps.map((map) => `-ffile-prefix-map=${map}`)].join(' ');
  return {
    PATH: `${environment}/bin:${path}`,
    HOME: join(work, 'home'),
    TMPDIR: join(work, 'temporary'),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH,
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
    CFLAGS: flags,
    CXXFLAGS: flags,
    FFLAGS: flags,
    // A Python that was built in a home folder passes its library path to every extension as RUNPATH.
    LDSHARED: 'cc -shared',
    LDCXXSHARED: 'c++ -shared',
    CARGO_NET_OFFLINE: 'true',
    RUSTFLAGS: `--remap-path-prefix=${work}=. -C debuginfo=0 -C strip=symbols`,
    ...(crates !== undefined && { CARGO_HOME: join(work, 'cargo') }),
    ...NO_NETWORK,
  };
}

/** 1980-01-01, the earliest time that a zip can hold. */
const SOURCE_DATE_EPOCH = '315532800';

/** Nothing listens on port 9, so access to an index fails at once. This also keeps backends from installing packages that are not locked. */
const NO_NETWORK = {
  PIP_NO_INDEX: '1',
  UV_OFFLINE: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};
