// The servers of the matrix: roots of other distributions, and the settings of a reqset for them. kinds.mjs has what is installed on each.

/**
 * Each is a root of make-roots.sh and an installer in it. `fleet` is absent where the default is tested. With `python`, the reqset brings that Python along:
 * built from the source of --cpython, in the root `build`. Installers that need no Python then have none.
 *
 * @type {Server[]}
 */
export const SERVERS = [
  { name: 'rpm 4.16, dnf 4.5', root: 'bullseye', installer: 'dnf', stands: 'el8, el9' },
  { name: 'rpm 4.16, dnf 4.5', root: 'bullseye', installer: 'dnf', fleet: 'el9', stands: 'el9, al2023' },
  { name: 'rpm 4.18, dnf 4.14', root: 'bookworm', installer: 'dnf', fleet: 'el8', stands: 'el8, el9', deltas: true },
  { name: 'rpm 4.20, dnf 4.23', root: 'trixie', installer: 'dnf', stands: 'el10' },
  { name: 'rpm 4.20, dnf 4.23', root: 'trixie', installer: 'dnf', fleet: 'el10', stands: 'el10' },
  { name: 'rpm 4.20, zypper', root: 'trixie', installer: 'zypper', fleet: 'suse16', stands: 'suse16' },
  { name: 'rpm 6.1, dnf5 5.4', root: 'sid', installer: 'dnf5', fleet: 'fedora', stands: 'fedora' },
  { name: 'rpm 6.1, zypper', root: 'sid', installer: 'zypper', fleet: 'suse', stands: 'suse', deltas: true },
  {
    name: 'rpm 4.16, dnf 4.5, own Python',
    root: 'bullseye',
    installer: 'dnf',
    fleet: 'el9',
    stands: 'el9',
    python: '3.13.5',
  },
  {
    name: 'rpm 6.1, dnf5 5.4, own Python alone',
    root: 'sid',
    installer: 'dnf5',
    fleet: 'fedora',
    stands: 'fedora',
    python: '3.13.5',
  },
];

/** The pins of both releases of the reqset. The second one has a library for each machine. */
export const RELEASES = [
  ['six==1.16.0', 'charset-normalizer==3.4.3'],
  ['six==1.17.0', 'charset-normalizer==3.4.4'],
];

/** @typedef {{ name: string, root: string, installer: 'dnf' | 'dnf5' | 'zypper', fleet?: string, stands: string, deltas?: boolean, python?: string }} Server */
