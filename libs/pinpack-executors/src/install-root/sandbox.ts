/**
 * Plans the arguments of bubblewrap for the sandbox in which RPMs are installed: no network, and a root whose /usr is an overlay over the host's, so
 * that RPMs can add files to /usr without changing the host's. Pure.
 */
import { join } from 'node:path';

export interface SandboxFolders {
  /** The parent of all the others: an overlay needs its upper and work folders in one mount. */
  base: string;
  /** The new root; its `usr` is an empty folder, the mount point of the overlay. */
  root: string;
  /** The overlay's upper folder: files that were added to /usr. */
  usrAdditions: string;
  overlayWork: string;
  rpmMacros: string;
}

export interface SandboxPlan extends SandboxFolders {
  /** Host folders that are visible read-only at their own path: repositories, folders of RPMs. */
  readable: readonly string[];
  /** Folders of the root to hide: those with pip, ensurepip and other Python packages of the host. */
  hidden: readonly string[];
  env: Readonly<Record<string, string>>;
}

const CAPABILITIES = [
  'SYS_CHROOT',
  'SYS_ADMIN',
  'MKNOD',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'SETUID',
  'SETGID',
  'SETFCAP',
];

// bwrap before 0.11 mounts no overlays, so the first process in the sandbox does.
const MOUNT_AND_RUN = `
mount -t overlay overlay -o "$1" "$2" || exit 125
shift 2
while [ "$1" != -- ]; do mount -t tmpfs -o mode=755 tmpfs "$1" || exit 125; shift; done
shift
exec "$@"`;

/** The arguments of bwrap that run `command` in the sandbox; exit code 125 if a mount failed. */
export function planSandbox(plan: SandboxPlan, command: readonly string[]): string[] {
  const overlay = `userxattr,lowerdir=/usr,upperdir=${plan.usrAdditions},workdir=${plan.overlayWork}`;
  return [
    ...['--die-with-parent', '--unshare-all', '--uid', '0', '--gid', '0'],
    ...CAPABILITIES.flatMap((name) => ['--cap-add', `CAP_${name}`]),
    ...planMounts(plan),
    ...planEnvironment(plan),
    ...['--', '/bin/sh', '-c', MOUNT_AND_RUN, 'sh', overlay, join(plan.root, 'usr')],
    ...plan.hidden.map((folder) => join(plan.root, folder)),
    ...['--', ...command],
  ];
}

function planMounts({ base, root, rpmMacros, readable }: SandboxPlan): string[] {
  const private_ = ['/tmp', '/home', '/var/cache', '/var/log', '/var/lib/dnf'];
  return [
    ...['--ro-bind', '/', '/'],
    // Before the binds, because the root itself may be below one of them.
    ...private_.flatMap((folder) => ['--tmpfs', folder]),
    ...['--bind', base, base],
    ...readable.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...['--ro-bind', rpmMacros, '/home/.rpmmacros'],
    ...['--dev', '/dev', '--proc', '/proc', '--dev', join(root, 'dev'), '--proc', join(root, 'proc')],
  ];
}

function planEnvironment({ env }: SandboxPlan): string[] {
  const all = { HOME: '/home', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...env };
  return ['--clearenv', ...Object.entries(all).flatMap(([name, value]) => ['--setenv', name, value])];
}
