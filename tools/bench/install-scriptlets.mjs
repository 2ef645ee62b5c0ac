// Formats the scriptlets of the other contestants as lines of shell.

/** virtualenv and its dependencies; pip is bundled in it. */
const TOOLS = ['virtualenv', 'distlib', 'filelock', 'packaging', 'platformdirs', 'python-discovery'];
const LIBRARIES = ['numpy', 'pandas', 'scipy'];
const MAKE = '/usr/bin/python3.11 -B -m virtualenv --quiet --no-periodic-update --app-data';

/**
 * The original experiment's scriptlet: zips the unpacked folder back into a wheel.
 *
 * @param {string} tree @param {string} wheel - path of the wheel to write
 */
export function zipWheel(tree, wheel) {
  return ['set -e', `mkdir -p ${wheel.replace(/\/[^/]*$/, '')}`, `cd ${tree}`, `zip -qr ${wheel} .`];
}

/**
 * A virtualenv that pip fills from a folder of wheels.
 *
 * @param {string} home @param {string} wheelhouse
 * @param {(name: string) => string} toolPath - import path of a tool of virtualenv
 */
export function installWithPip(home, wheelhouse, toolPath) {
  return [
    ...makeVirtualenv(home, toolPath, ''),
    `${home}/bin/pip install ${fromWheelhouse(wheelhouse)} ${LIBRARIES.join(' ')}`,
  ];
}

/**
 * Makes the environments of the floor: compiled by pip, without pip in them. All after the first are copies with adjusted paths.
 *
 * @param {string[]} homes @param {string} pip - of another environment
 */
export function makeReadyEnvironments(homes, wheelhouse, toolPath, pip) {
  const [first, ...others] = homes;
  return [
    ...makeVirtualenv(first, toolPath, '--no-seed'),
    `${pip} --python ${first}/bin/python install ${fromWheelhouse(wheelhouse)} ${LIBRARIES.join(' ')}`,
    ...others.flatMap((home) => [
      `mkdir -p ${home}`,
      `cp -a ${first}/. ${home}`,
      `find ${home}/bin ${home}/pyvenv.cfg -type f -exec sed -i s,${first},${home},g {} +`,
    ]),
  ];
}

function makeVirtualenv(home, toolPath, flags) {
  return [
    'set -e',
    'scratch=$(mktemp -d)',
    `PYTHONPATH=${TOOLS.map(toolPath).join(':')} ${MAKE} $scratch ${flags} ${home}`,
    'rm -r $scratch',
  ];
}

function fromWheelhouse(wheelhouse) {
  return `--quiet --disable-pip-version-check --no-cache-dir --root-user-action ignore --no-index --find-links ${wheelhouse}`;
}
