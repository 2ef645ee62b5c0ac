// What the RPMs of the server's own Python are: pinpack-runtime, which all the others require, and pinpack-wheelhouse, which a host asks for. Pure.
import { DEFAULT_MTIME, type RpmSpec } from '@pinpack/rpm-gen';
import { RUNTIME } from '../names/rpm-names.js';
import { FACTS } from '../wheel-rpm/wheel-rpm-paths.js';

export const WHEELHOUSE = 'pinpack-wheelhouse';
/** With the plugins that download patches. */
export const DNF_PLUGIN = 'pinpack-dnf';
/** What the RPM of a Python that a set brings along provides. */
export const INTERPRETER = 'pinpack-interpreter';
const PROGRAM = '/usr/bin/pinpack-runtime';

const RUNTIME_DESCRIPTION = `What the scriptlets of pinpack's RPMs call on this machine: it makes the
environments of applications from unpacked wheels and verifies both.
Administrators can call it too: see pinpack-runtime --help.`;

const WHEELHOUSE_DESCRIPTION = `Keeps a wheel (.whl) of every wheel RPM that is installed, in
/var/lib/pinpack/REQSET/wheelhouse, for people who install with pip
--no-index --find-links. Applications do without it.`;

export function planRuntimeRpm(version: string, vendor: string): RpmSpec {
  return {
    ...common(RUNTIME, version, vendor),
    summary: 'Makes and verifies the Python environments that pinpack delivers',
    description: RUNTIME_DESCRIPTION,
    // bash starts the Python of environments: see environment_plan.py.
    requires: [{ name: `(/usr/bin/python3 or ${INTERPRETER})` }, { name: '/bin/bash' }],
    scriptlets: {},
  };
}

/** Without files. Its trigger runs once for a transaction, and for all that is there already when it is installed itself. */
export function planWheelhouseRpm(version: string, vendor: string): RpmSpec {
  const shell = (body: string) => ({ interpreter: '/bin/sh', body: `${body}\n` });
  return {
    ...common(WHEELHOUSE, version, vendor),
    summary: "Keeps the wheels of pinpack's wheel RPMs for pip",
    description: WHEELHOUSE_DESCRIPTION,
    requires: [{ name: RUNTIME, sense: '>=', version, when: ['preun', 'verify'] }],
    scriptlets: {
      // $1 is the number of versions that stay.
      // A failing %preun would block the removal of the RPM; rpm itself removes the wheels with their own RPMs.
      preun: shell(`if [ "$1" -eq 0 ]; then\n  ${PROGRAM} wheelhouse remove || :\nfi`),
      verify: shell(`${PROGRAM} wheelhouse verify`),
    },
    transactionFileTriggers: [{ on: 'in', paths: [`${FACTS}/`], ...shell(`${PROGRAM} wheelhouse make --listed`) }],
  };
}

const DNF_DESCRIPTION = `Makes dnf download patches instead of RPMs from repositories of pinpack, and
rebuilds the RPMs from installed files. dnf verifies the result as usual, and
downloads the RPM where a patch is missing or does not fit.`;

/** Where dnf of each distribution looks for its plugins, for its own Python. */
const PLUGIN_FOLDERS = '/usr/lib/python3*/site-packages/dnf-plugins /usr/lib/python3/dist-packages/dnf-plugins';
const PLUGIN = '/usr/lib/pinpack-dnf/pinpack.py';

export function planDnfRpm(version: string, vendor: string): RpmSpec {
  const shell = (body: string) => ({ interpreter: '/bin/sh', body: `${body}\n` });
  const link = `for folder in ${PLUGIN_FOLDERS}; do\n  if [ -d "$folder" ]; then ln -sf ${PLUGIN} "$folder/pinpack.py" || :; fi\ndone`;
  const unlink = `for folder in ${PLUGIN_FOLDERS}; do\n  if [ "$(readlink "$folder/pinpack.py")" = ${PLUGIN} ]; then rm -f "$folder/pinpack.py"; fi\ndone`;
  return {
    ...common(DNF_PLUGIN, version, vendor),
    summary: 'Upgrades from repositories of pinpack by patches',
    description: DNF_DESCRIPTION,
    requires: [{ name: '/usr/bin/python3' }],
    scriptlets: {
      post: shell(link),
      preun: shell(`if [ "$1" -eq 0 ]; then\n${unlink.replaceAll(/^/gm, '  ')}\nfi`),
    },
    // dnf of another Python that is installed later has another folder.
    transactionFileTriggers: [{ on: 'in', paths: ['/usr/lib/python3'], ...shell(link) }],
  };
}

function common(name: string, version: string, vendor: string) {
  return {
    name,
    version,
    release: '1',
    architecture: 'noarch',
    license: 'MIT',
    vendor,
    packager: vendor,
    group: 'System Environment/Base',
    buildTime: DEFAULT_MTIME,
    buildHost: 'pinpack',
    changelog: [{ time: DEFAULT_MTIME, author: `${vendor} - ${version}-1`, text: `- ${name} ${version}` }],
  } satisfies Partial<RpmSpec>;
}
