// Makes an application's environment for a container: the base's own Python runs pinpack-runtime's code, in a sandbox over the unpacked base.
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
import { applicationPaths } from '../application/paths.js';
import type { Manifest } from '../application/manifest.js';
import { RUNTIME_SOURCE } from '../executors/runtime-rpm/runtime-source.js';
import { findMissing } from '../install-root/requirements.js';
import { runProgram } from '../install-root/program.js';
import { PinpackError } from '../pinpack-error.js';
import { treeOf } from './stored-wheel.js';

/** Python is no part of what is compiled, so it is read from `src` by the compiled executor too. */
export const IMAGE_SOURCE = fileURLToPath(new URL('../../src/executors/image', import.meta.url));

const CODE = '/run/pinpack';
const START = 'import sys; sys.path += sys.argv[1:]; from make_environment import main; sys.exit(main())';
const WORK = '.environment';
const LAST_LINES = 20;
const BWRAP = { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' };
const RPM2CPIO = { program: 'rpm2cpio', debian: 'rpm2cpio', fedora: 'rpm' };

export interface EnvironmentOrder {
  manifest: Manifest;
  /** The unpacked base. */
  rootfs: string;
  /** Path in the base. */
  python: string;
  /** The content of /usr/lib/pinpack there: the trees of wheels. */
  trees: string;
  /** An empty folder to work in. */
  folder: string;
}

/** @throws PinpackError `PINPACK_IMAGE_UNUSABLE` that names every program that is missing here */
export async function checkPrograms(path = process.env.PATH ?? ''): Promise<void> {
  const missing = await findMissing([BWRAP, RPM2CPIO], path);
  if (missing.length === 0) return;
  const install = (family: 'debian' | 'fedora'): string => missing.map((each) => each[family]).join(' ');
  throw new PinpackError('PINPACK_IMAGE_UNUSABLE', 'making an image', [
    `not installed: ${missing.map(({ program }) => program).join(', ')}`,
    `On Debian: apt-get install ${install('debian')}`,
    `On Fedora: dnf install ${install('fedora')}`,
  ]);
}

/** The files of /opt/<name>/venv. @throws PinpackError `PINPACK_IMAGE_ENVIRONMENT` with the last lines of what was said */
export async function makeEnvironment(order: EnvironmentOrder): Promise<LayerEntry[]> {
  const { manifest, folder, python } = order;
  const command = [python, '-IBS', '-c', START, CODE];
  const result = await runProgram('bwrap', [...planSandbox(order), ...command], {
    input: JSON.stringify(planJob(manifest)),
  });
  if (result.failed) {
    throw new PinpackError(
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
function planSandbox({ manifest, rootfs, trees, folder }: EnvironmentOrder): string[] {
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

/** What make_environment.py reads. */
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
