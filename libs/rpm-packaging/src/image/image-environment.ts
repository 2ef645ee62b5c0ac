// Creates an application's environment as a container will see it: the base's Python runs pinpack-runtime's code in a sandbox over the unpacked base.
// Files of wheels are symbolic links to their trees, which are in other layers.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayerEntry } from '@pinpack/oci-image';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { applicationPaths } from '../application-rpm/application-paths.js';
import type { Manifest } from '../application-rpm/manifest.js';
import { RUNTIME_SOURCE } from '../runtime-rpm/runtime-source.js';
import { findMissing, runProgram } from '@pinpack/common/program';
import { PackagingError } from '../packaging-error.js';
import { treeOf } from './stored-wheel.js';

export const IMAGE_SOURCE = fileURLToPath(new URL('../../python', import.meta.url));

const CODE = '/run/pinpack';
const START = 'import sys; sys.path += sys.argv[1:]; from make_environment import main; sys.exit(main())';
const WORK = '.environment';
const LAST_LINES = 20;
const BWRAP = { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' };

export interface EnvironmentRequest {
  manifest: Manifest;
  /** The unpacked base. */
  rootfs: string;
  /** Path in the base. */
  python: string;
  /** The folder that becomes /usr/lib/pinpack: the trees of wheels. */
  trees: string;
  /** An empty folder to work in. */
  folder: string;
}

/** @throws PackagingError `PINPACK_IMAGE_UNUSABLE` if bwrap is not installed */
export async function checkPrograms(path = process.env.PATH ?? ''): Promise<void> {
  const [missing] = await findMissing([BWRAP], path);
  if (missing === undefined) return;
  throw new PackagingError('PINPACK_IMAGE_UNUSABLE', 'making an image', [
    `${missing.program} is not installed`,
    `On Debian: apt-get install ${missing.debian}`,
    `On Fedora: dnf install ${missing.fedora}`,
  ]);
}

/** The files of /opt/<name>/venv. @throws PackagingError `PINPACK_IMAGE_ENVIRONMENT` with the last lines of the output */
export async function makeEnvironment(request: EnvironmentRequest): Promise<LayerEntry[]> {
  const { manifest, folder, python } = request;
  const command = [python, '-IBS', '-c', START, CODE];
  const result = await runProgram('bwrap', [...planSandbox(request), ...command], {
    input: JSON.stringify(planJob(manifest)),
  });
  if (result.failed) {
    throw new PackagingError(
      'PINPACK_IMAGE_ENVIRONMENT',
      manifest.name,
      [
        `its environment could not be made by the base's ${python}: exit code ${result.exitCode ?? result.signal ?? 'unknown'}`,
        ...result.all.split('\n').slice(-LAST_LINES),
        "bwrap needs user namespaces, or root; and the base must be of this machine's architecture.",
      ],
      { cause: result },
    );
  }
  return collectEntries(join(folder, WORK), applicationPaths(manifest.name).venv.slice(1));
}

/** Arguments of bwrap. The sandbox has no network and no files of this machine. Pure. */
function planSandbox({ manifest, rootfs, trees, folder }: EnvironmentRequest): string[] {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', HOME: '/tmp', TMPDIR: '/tmp' };
  const { folder: home } = applicationPaths(manifest.name);
  return [
    ...['--die-with-parent', '--unshare-all', '--uid', '0', '--gid', '0', '--ro-bind', rootfs, '/'],
    ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/run', '--tmpfs', '/opt'],
    ...['--bind', folder, home, '--ro-bind', trees, '/usr/lib/pinpack'],
    ...['--ro-bind', join(RUNTIME_SOURCE, 'pinpack_runtime'), `${CODE}/pinpack_runtime`],
    ...['make_environment.py', 'fold_links.py'].flatMap((name) => [
      '--ro-bind',
      join(IMAGE_SOURCE, name),
      `${CODE}/${name}`,
    ]),
    ...['--chdir', '/', '--clearenv', ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])],
    '--',
  ];
}

/** The input of make_environment.py. */
function planJob({ name, python, wheels }: Manifest): object {
  const { folder, venv } = applicationPaths(name);
  return {
    name,
    python,
    home: venv,
    work: `${folder}/${WORK}`,
    wheels: wheels.map(({ tree, stored = '', distInfo }) => ({ tree: tree ?? treeOf(stored), dist_info: distInfo })),
  };
}

/** Owned by root, with a fixed time and mode 0644 or 0755, so that umask and clock do not affect the output. */
export function collectEntries(folder: string, path: string): LayerEntry[] {
  const common = { mtime: DEFAULT_MTIME };
  const inside = readdirSync(folder, { withFileTypes: true }).flatMap((entry): LayerEntry[] => {
    const [from, to] = [join(folder, entry.name), `${path}/${entry.name}`];
    if (entry.isDirectory()) return collectEntries(from, to);
    if (entry.isSymbolicLink())
      return [{ ...common, path: to, kind: 'symlink', mode: 0o777, target: readlinkSync(from) }];
    const mode = (statSync(from).mode & 0o111) === 0 ? 0o644 : 0o755;
    return [{ ...common, path: to, kind: 'file', mode, data: readFileSync(from) }];
  });
  return [{ ...common, path, kind: 'directory', mode: 0o755 }, ...inside];
}

/** Writes the entries below /usr/lib/pinpack into a folder. */
export function writeTrees(entries: readonly LayerEntry[], folder: string): void {
  const start = 'usr/lib/pinpack/';
  for (const { path, kind, mode, target, data } of entries.filter((entry) => entry.path.startsWith(start))) {
    const to = join(folder, path.slice(start.length));
    if (kind === 'directory') {
      mkdirSync(to, { recursive: true });
      continue;
    }
    mkdirSync(dirname(to), { recursive: true });
    if (kind === 'symlink') symlinkSync(target ?? '', to);
    else writeFileSync(to, data ?? '');
    if (kind === 'file' && (mode & 0o111) !== 0) chmodSync(to, 0o755);
  }
}
