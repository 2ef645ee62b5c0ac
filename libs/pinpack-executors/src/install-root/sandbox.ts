/**
 * The sandbox in which RPMs are installed: bubblewrap without network, around a root whose /usr is the host's under an overlay, so
 * that RPMs can add to /usr and never change the host's. Pure: values in, an argument array for bwrap out.
 */
import { join } from 'node:path';

export interface SandboxFolders {
  /** Holds all the others: an overlay wants its upper and work folders in one mount. */
  base: string;
  /** The new root; its `usr` is an empty folder, where the overlay is mounted. */
  root: string;
  /** What was added to /usr: the overlay's upper folder. */
  usrAdditions: string;
  overlayWork: string;
  rpmMacros: string;
}

export interface SandboxPlan extends SandboxFolders {
  /** Host folders that are visible at their own path, read-only: repositories, folders of RPMs. */
  readable: readonly string[];
  /** Folders of the root that are hidden: where pip, ensurepip and other Python packages of the host lie. */
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

// bwrap mounts no overlays before 0.11, so the first process in the sandbox does.
const MOUNT_AND_RUN = `
mount -t overlay overlay -o "$1" "$2" || exit 125
shift 2
while [ "$1" != -- ]; do mount -t tmpfs -o mode=755 tmpfs "$1" || exit 125; shift; done
shift
exec "$@"`;

/** The arguments of bwrap that run `command` beside the root; exit code 125 when a mount failed. */
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
    // Before the binds: the root itself may lie below one of them.
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
