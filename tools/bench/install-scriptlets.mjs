// What the others do in their scriptlets. Pure: shell lines out.

/** Of virtualenv, what it imports; pip comes with it. */
const TOOLS = ['virtualenv', 'distlib', 'filelock', 'packaging', 'platformdirs', 'python-discovery'];
const LIBRARIES = ['numpy', 'pandas', 'scipy'];
const MAKE = '/usr/bin/python3.11 -B -m virtualenv --quiet --no-periodic-update --app-data';

/**
 * The original experiment's: the wheel is made again from the folder that it was unzipped to.
 *
 * @param {string} tree @param {string} wheel - path of the file to make
 */
export function zipWheel(tree, wheel) {
  return ['set -e', `mkdir -p ${wheel.replace(/\/[^/]*$/, '')}`, `cd ${tree}`, `zip -qr ${wheel} .`];
}

/**
 * A virtualenv that pip fills from a folder of wheels.
 *
 * @param {string} home @param {string} wheelhouse
 * @param {(name: string) => string} toolPath - where a tool of virtualenv's lies, as Python may import it
 */
export function installWithPip(home, wheelhouse, toolPath) {
  return [
    ...makeVirtualenv(home, toolPath, ''),
    `${home}/bin/pip install ${fromWheelhouse(wheelhouse)} ${LIBRARIES.join(' ')}`,
  ];
}

/**
 * Environments as the floor delivers them: compiled by pip, without pip in them, the others with their own paths.
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
