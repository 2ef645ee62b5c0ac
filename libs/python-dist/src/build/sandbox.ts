// Where a build runs: with bubblewrap in a sandbox without network, with a read-only system and at a path that is always the same; without it, in an
// environment in which no index and no proxy can be reached.
import { join } from 'node:path';

/** In the sandbox the work folder is here, so that no path of this one build gets into what is built. */
export const FIXED_FOLDER = '/tmp/pinpack-build';

/** The folders of one build on this machine. */
export interface BuildFolders {
  /** Has `source`, `home` and `out`; the build writes here alone. */
  work: string;
  /** The build environment, which is shared and read-only. */
  environment: string;
  /** Vendored crates, where there are any. */
  crates?: string;
  /** Where the Python that the environment was made with is installed: its own headers would tell. */
  python?: string;
}

/** A program's call, and where the build's folders are for it. */
export interface PlannedCall {
  program: string;
  words: string[];
  folders: BuildFolders;
}

/** Programs that an index has too: hidden when a lock is made, so that it doesn't hang on which of them a machine has. */
const PROGRAMS_ON_INDEX = ['ninja', 'cmake', 'meson', 'patchelf', 'cython'].map((name) => `/usr/bin/${name}`);

export interface SandboxOptions {
  /** Whether there is bubblewrap to work with. */
  isSandboxed: boolean;
  /** Files to hide; see `hiddenPrograms`. */
  hidden?: readonly string[];
  /** Files outside of the folders that the call reads. */
  readable?: readonly string[];
}

/** The programs to hide while a lock is made. @param exists - whether a file is there */
export function hiddenPrograms(exists: (path: string) => boolean): string[] {
  return PROGRAMS_ON_INDEX.filter(exists);
}

/** @param words - the call's words for the folders that it will see */
export function planCall(
  folders: BuildFolders,
  words: (folders: BuildFolders) => readonly [string, ...string[]],
  { isSandboxed, hidden = [], readable = [] }: SandboxOptions,
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
    ...['--bind', folders.work, inside.work],
    ...['--ro-bind', folders.environment, inside.environment],
    ...(folders.crates !== undefined && inside.crates !== undefined
      ? ['--ro-bind', folders.crates, inside.crates]
      : []),
    ...readable.flatMap((path) => ['--ro-bind', path, path]),
    ...hidden.flatMap((path) => ['--ro-bind', '/dev/null', path]),
  ];
  const namespaces = ['--unshare-net', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--die-with-parent'];
  const call = words(inside);
  return {
    program: 'bwrap',
    words: [...namespaces, ...mounts, '--hostname', 'pinpack', '--chdir', join(inside.work, 'source'), '--', ...call],
    folders: inside,
  };
}

/** What makes a build the same everywhere, whatever the person's own environment has. */
export function buildEnvironment(
  { work, environment, crates, python }: BuildFolders,
  path: string,
): Record<string, string> {
  // Debugging symbols and __FILE__ would carry the paths of this one build and of this one Python.
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
    // A Python that was built in a home folder hands its own library path down to every extension, as their RUNPATH.
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

/** Port 9 discards: what reaches for an index is refused at once. It also keeps backends from installing what isn't locked. */
const NO_NETWORK = {
  PIP_NO_INDEX: '1',
  UV_OFFLINE: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};
