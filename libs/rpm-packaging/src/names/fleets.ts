// What servers can read and what `fleet` in reqset.json chooses for them. docs/support.md has the same table, which a test compares.

export interface Fleet {
  systems: string;
  /** The version of rpm. */
  rpm: string;
  /** Payload compressions that its rpm reads. */
  payloads: readonly string[];
  /** Whether its rpm reads rich dependencies (rpm 4.13), which `!=` in requirements become. */
  rich: boolean;
  /** The minor version of its glibc 2. */
  glibc: number;
  /** Python of the system. */
  python: string;
  /** Minor versions of Python that the distribution has packages of; absent if its releases differ in them. */
  pythons?: readonly string[];
  /** Machines, as in platform tags. */
  machines: readonly string[];
  /** Whether its installer applies delta RPMs. */
  deltas: string;
  /** What it demands of signatures and digests. */
  signatures: string;
  selinux: string;
  /** What `fleet` chooses; undefined if no reqset can be built for it. */
  compression: string | undefined;
}

const ALL = ['none', 'gzip', 'xz', 'zstd'];
const MACHINES = ['x86_64', 'aarch64', 'ppc64le', 's390x'];

/** `patches` is not listed: it stands for servers of any of these with the RPM pinpack-dnf. */
export const FLEETS = {
  el7: {
    systems: 'RHEL 7, CentOS 7, Amazon Linux 2',
    rpm: '4.11',
    payloads: ['none', 'gzip', 'xz'],
    rich: false,
    glibc: 17,
    python: '2.7, 3.6',
    pythons: ['2.7', '3.6'],
    machines: MACHINES,
    deltas: 'yum',
    signatures: 'RSA',
    selinux: 'enforcing',
    compression: undefined,
  },
  el8: {
    systems: 'RHEL 8, AlmaLinux 8, Rocky Linux 8',
    rpm: '4.14',
    payloads: ALL,
    rich: true,
    glibc: 28,
    python: '3.6',
    pythons: ['2.7', '3.6', '3.8', '3.9', '3.11', '3.12'],
    machines: MACHINES,
    deltas: 'dnf 4',
    signatures: 'RSA',
    selinux: 'enforcing',
    compression: 'xz:2',
  },
  el9: {
    systems: 'RHEL 9, AlmaLinux 9, Rocky Linux 9',
    rpm: '4.16',
    payloads: ALL,
    rich: true,
    glibc: 34,
    python: '3.9',
    pythons: ['3.9', '3.11', '3.12', '3.14'],
    machines: MACHINES,
    deltas: 'dnf 4',
    signatures: 'RSA; no SHA-1',
    selinux: 'enforcing',
    compression: 'xz:2',
  },
  el10: {
    systems: 'RHEL 10, AlmaLinux 10, Rocky Linux 10',
    rpm: '4.19',
    payloads: ALL,
    rich: true,
    glibc: 39,
    python: '3.12',
    pythons: ['3.12', '3.14'],
    machines: [...MACHINES, 'riscv64'],
    deltas: 'none',
    signatures: 'RSA, EdDSA; no SHA-1',
    selinux: 'enforcing',
    compression: 'zstd:19',
  },
  fedora: {
    systems: 'Fedora 41 and newer',
    rpm: '4.20, 6.0',
    payloads: ALL,
    rich: true,
    glibc: 40,
    python: '3.13, 3.14',
    machines: [...MACHINES, 'riscv64'],
    deltas: 'none',
    signatures: 'RSA, EdDSA; no SHA-1; rpm 6 installs signed RPMs only',
    selinux: 'enforcing',
    compression: 'zstd:19',
  },
  suse: {
    systems: 'SLES 15, openSUSE Leap 15',
    rpm: '4.14',
    payloads: ALL,
    rich: true,
    glibc: 31,
    python: '3.6, 3.11',
    pythons: ['3.6', '3.9', '3.10', '3.11', '3.12', '3.13'],
    machines: MACHINES,
    deltas: 'zypper',
    signatures: 'RSA, EdDSA',
    selinux: 'none',
    compression: 'xz:2',
  },
  suse16: {
    systems: 'SLES 16, openSUSE Leap 16, Tumbleweed',
    rpm: '4.20',
    payloads: ALL,
    rich: true,
    glibc: 40,
    python: '3.13',
    machines: [...MACHINES, 'riscv64'],
    deltas: 'none',
    signatures: 'RSA, EdDSA',
    selinux: 'enforcing',
    compression: 'zstd:19',
  },
  al2023: {
    systems: 'Amazon Linux 2023',
    rpm: '4.16',
    payloads: ALL,
    rich: true,
    glibc: 34,
    python: '3.9',
    pythons: ['3.9', '3.11', '3.12', '3.13', '3.14'],
    machines: ['x86_64', 'aarch64'],
    deltas: 'none',
    signatures: 'RSA; no SHA-1',
    selinux: 'permissive',
    compression: 'zstd:19',
  },
} as const satisfies Record<string, Fleet>;

/** Why reqset.json cannot have a fleet; undefined if it can. */
export function refusedFleet(name: string): string | undefined {
  if (name !== 'el7') return undefined;
  return 'another fleet than el7: its rpm 4.11 reads neither zstd nor rich dependencies nor file triggers, which RPMs of pinpack have';
}
