// Makes an application's environment as a container will see it: the base's own Python runs virtualenv and installer, as on a server, in a sandbox
// over the unpacked base. The wheels' files are linked to by symbolic links: in an image hard links over layers would be copies.
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
import { mkdir } from 'node:fs/promises';
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
  /** What is in /usr/lib/pinpack there: the trees of wheels and tools. */
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

/** The files of /opt/<name>/venv. @throws PackagingError `PINPACK_IMAGE_ENVIRONMENT` with the last lines of what was said */
export async function makeEnvironment(order: EnvironmentRequest): Promise<LayerEntry[]> {
  const { manifest, folder, python } = order;
  await mkdir(join(folder, 'scratch'));
  const command = [python, '-IBS', '-c', START, CODE, ...manifest.tools.map(treeOf)];
  const result = await runProgram('bwrap', [...planSandbox(order), ...command], {
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

/** Pure. Nothing of this machine but the kernel is in it, and no network. */
function planSandbox({ manifest, rootfs, trees, folder }: EnvironmentRequest): string[] {
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: '/tmp',
    TMPDIR: '/tmp',
    VIRTUALENV_CONFIG_FILE: '/dev/null',
  };
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

/** What make_environment.py reads. */
function planJob({ name, python, wheels }: Manifest): object {
  const { folder, venv } = applicationPaths(name);
  return {
    name,
    python,
    home: venv,
    work: `${folder}/${WORK}`,
    scratch: `${folder}/scratch`,
    wheels: wheels.map(({ tree, stored = '', distInfo }) => ({ tree: tree ?? treeOf(stored), dist_info: distInfo })),
  };
}

/** Owned by root, of one time, and either a program or not: umask and clock leave no trace. */
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

/** Writes what lies below /usr/lib/pinpack into a folder that stands for it. */
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
