// Describes why builds cannot be sandboxed on this machine, and the remedy.

export interface MachineFacts {
  /** Whether the programs are installed. */
  installed: { bwrap: boolean; prlimit: boolean };
  /** What bubblewrap printed. */
  output: string;
  /** Kernel settings, if the kernel has them. */
  unprivilegedClone: string | undefined;
  maxUserNamespaces: string | undefined;
  restrictedByAppArmor: string | undefined;
  isContainer: boolean;
}

/** The lines of the error. */
export function describeFailure(facts: MachineFacts): string[] {
  const { installed, output } = facts;
  const remedies = [...missingPrograms(installed), ...(installed.bwrap && installed.prlimit ? settings(facts) : [])];
  return [
    'builds from source run only in a sandbox, and this machine cannot provide it',
    ...output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-3),
    ...remedies,
    'Only if you trust every source that is built: PINPACK_SANDBOX=off, or "sandbox": "off" in the options of the plugin pinpack in nx.json.',
  ];
}

function missingPrograms({ bwrap, prlimit }: MachineFacts['installed']): string[] {
  return [
    ...(bwrap ? [] : ['bwrap is not installed. Install bubblewrap (Debian, Ubuntu, Fedora, RHEL, SUSE: bubblewrap)']),
    ...(prlimit
      ? []
      : ['prlimit is not installed. Install util-linux (Debian, Ubuntu, Fedora, RHEL, SUSE: util-linux)']),
  ];
}

function settings({ unprivilegedClone, maxUserNamespaces, restrictedByAppArmor, isContainer }: MachineFacts): string[] {
  const found = [
    ...(unprivilegedClone === '0' ? [sysctl('kernel.unprivileged_userns_clone', '1')] : []),
    ...(maxUserNamespaces === '0' ? [sysctl('user.max_user_namespaces', '15000')] : []),
    ...(restrictedByAppArmor === '1'
      ? [
          `${sysctl('kernel.apparmor_restrict_unprivileged_userns', '0')}, or install an AppArmor profile that allows userns for bwrap`,
        ]
      : []),
    ...(isContainer
      ? [
          'this is a container: run it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined (Docker), --security-opt seccomp=unconfined --security-opt unmask=ALL (Podman), or --privileged',
        ]
      : []),
  ];
  return found.length > 0 ? found : ['bubblewrap must be allowed to create user, mount and process namespaces'];
}

function sysctl(name: string, value: string): string {
  return `${name} forbids user namespaces: sudo sysctl -w ${name}=${value} (permanently: a file in /etc/sysctl.d)`;
}
