// The axes of the matrix: servers that can be made here, and kinds of what is installed. A kind that is added to KINDS is run on every server.

/** Each is a root that `debootstrap` makes, an installer in it, and the settings of a reqset for such servers. @type {Server[]} */
export const SERVERS = [
  { name: 'rpm 4.20, dnf 4.23', root: 'trixie', installer: 'dnf', python: '3.13.5', fleet: 'el10', stands: 'el10' },
  { name: 'rpm 4.20, dnf 4.23', root: 'trixie', installer: 'dnf', python: '3.13.5', fleet: 'el9', stands: 'el8, el9' },
  {
    name: 'rpm 4.20, zypper',
    root: 'trixie',
    installer: 'zypper',
    python: '3.13.5',
    fleet: 'suse16',
    stands: 'suse16',
  },
  { name: 'rpm 6.1, dnf5 5.4', root: 'sid', installer: 'dnf5', python: '3.14.0', fleet: 'fedora', stands: 'fedora' },
  {
    name: 'rpm 6.1, zypper',
    root: 'sid',
    installer: 'zypper',
    python: '3.14.0',
    fleet: 'suse',
    stands: 'suse',
    deltas: true,
  },
];

/** The pins of both releases of the reqset. The second one has a library for each machine. */
export const RELEASES = [
  ['six==1.16.0', 'charset-normalizer==3.4.3'],
  ['six==1.17.0', 'charset-normalizer==3.4.4'],
];

/** Environments are made with these. */
export const TOOLS = ['installer==1.1.0', 'virtualenv==21.15.8'];

const LIBRARIES = ['matrix-wheel-six', 'matrix-wheel-charset-normalizer'];
const TREES = '/usr/lib/pinpack/matrix';
const PRINT =
  'import six, charset_normalizer as c; print(six.__version__, c.__version__, c.md.__file__.endswith(".so"))';

/** What is installed, and the command that prints the versions it has. Kinds with an `application` need the reqset's Python on this machine. @type {Kind[]} */
export const KINDS = [
  {
    name: 'wheels',
    install: LIBRARIES,
    check: `PYTHONPATH=${TREES}/six:${TREES}/charset-normalizer /usr/bin/python3 -B -c '${PRINT}'`,
  },
  {
    name: 'wheelhouse',
    install: [...LIBRARIES, 'pinpack-wheelhouse'],
    check:
      'ls /var/lib/pinpack/matrix/wheelhouse | sed -En "s/^(six|charset_normalizer)-([0-9.]+)-.*/\\2/p" | sort -r | paste -sd" " | sed "s/^\\(3\\S*\\) \\(1\\S*\\)$/\\2 \\1 True/"',
  },
  {
    name: 'cli',
    install: ['matrix-matrix-cli'],
    application: {
      name: 'matrix-cli',
      module: 'matrix_cli',
      code: `def main():\n    ${PRINT.replace('; ', '\n    ')}\n`,
      settings: ['scripts = ["matrix-cli"]'],
    },
    check: '/usr/bin/matrix-cli',
  },
];

/** What a kind prints of a release. @param {string[]} pins */
export function printed(pins) {
  return `${pins.map((pin) => pin.split('==')[1]).join(' ')} True`;
}

/** @typedef {{ name: string, root: string, installer: 'dnf' | 'dnf5' | 'zypper', python: string, fleet: string, stands: string, deltas?: boolean }} Server */
/** @typedef {{ name: string, install: string[], check: string, application?: { name: string, module: string, code: string, settings: string[] } }} Kind */
