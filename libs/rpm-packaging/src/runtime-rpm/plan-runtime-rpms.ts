// What the RPMs of the server's own Python are: pinpack-runtime, which all the others require, and pinpack-wheelhouse, which a host asks for. Pure.
import type { RpmSpec } from '@pinpack/rpm-gen';
import { RUNTIME } from '../names/rpm-names.js';
import { FACTS } from '../wheel-rpm/wheel-rpm-paths.js';

export const WHEELHOUSE = 'pinpack-wheelhouse';
/** With the plugins that download patches. */
export const DNF_PLUGIN = 'pinpack-dnf';
/** What the RPM of a Python that a set brings along provides. */
export const INTERPRETER = 'pinpack-interpreter';
const PROGRAM = '/usr/bin/pinpack-runtime';

export interface RuntimeFacts {
  /** `0.1.0` */
  version: string;
  /** Of the version: `2026-11-26` */
  date: string;
  vendor: string;
}

const RUNTIME_DESCRIPTION = `What the scriptlets of pinpack's RPMs call on this machine: it makes the
environments of applications from unpacked wheels and verifies both.
Administrators can call it too: see pinpack-runtime --help.`;

const WHEELHOUSE_DESCRIPTION = `Keeps a wheel (.whl) of every wheel RPM that is installed, in
/var/lib/pinpack/REQSET/wheelhouse, for people who install with pip
--no-index --find-links. Applications do without it.`;

export function planRuntimeRpm(facts: RuntimeFacts): RpmSpec {
  return {
    ...common(RUNTIME, facts),
    summary: 'Makes and verifies the Python environments that pinpack delivers',
    description: RUNTIME_DESCRIPTION,
    // bash starts the Python of environments: see environment_plan.py.
    requires: [{ name: `(/usr/bin/python3 or ${INTERPRETER})` }, { name: '/bin/bash' }],
    scriptlets: {},
  };
}

/** Without files. Its trigger runs once for a transaction, and for all that is there already when it is installed itself. */
export function planWheelhouseRpm(facts: RuntimeFacts): RpmSpec {
  const shell = (body: string) => ({ interpreter: '/bin/sh', body: `${body}\n` });
  return {
    ...common(WHEELHOUSE, facts),
    summary: "Keeps the wheels of pinpack's wheel RPMs for pip",
    description: WHEELHOUSE_DESCRIPTION,
    requires: [{ name: RUNTIME, sense: '>=', version: facts.version, when: ['preun', 'verify'] }],
    scriptlets: {
      // $1 is the number of versions that stay.
      // A failing %preun would block the removal of the RPM; rpm itself removes the wheels with their own RPMs.
      preun: shell(`if [ "$1" -eq 0 ]; then\n  ${PROGRAM} wheelhouse remove || :\nfi`),
      verify: shell(`${PROGRAM} wheelhouse verify`),
    },
    transactionFileTriggers: [{ on: 'in', paths: [`${FACTS}/`], ...shell(`${PROGRAM} wheelhouse make --listed`) }],
  };
}

const DNF_DESCRIPTION = `Makes dnf 4 and dnf 5 download patches instead of RPMs from repositories of
pinpack, and rebuilds the RPMs from installed files. dnf verifies the result as
usual, and downloads the RPM where a patch is missing or does not fit.
For zypper, pinpack-runtime fetch keeps a local repository up to date.`;

/** Each is linked where dnf of a distribution looks for it, if that folder exists. */
export const DNF_PLUGINS: readonly { file: string; link: string; folders: string }[] = [
  {
    file: 'pinpack.py',
    link: 'pinpack.py',
    folders: '/usr/lib/python3*/site-packages/dnf-plugins /usr/lib/python3/dist-packages/dnf-plugins',
  },
  { file: 'pinpack.actions', link: 'pinpack.actions', folders: '/etc/dnf/libdnf5-plugins/actions.d' },
  { file: 'pinpack-dnf5.conf', link: '50-pinpack.conf', folders: '/usr/share/dnf5/libdnf.conf.d' },
];
const DNF_FOLDER = '/usr/lib/pinpack-dnf';

export function planDnfRpm(facts: RuntimeFacts): RpmSpec {
  const shell = (body: string) => ({ interpreter: '/bin/sh', body: `${body}\n` });
  const forEach = (command: (file: string, link: string) => string) =>
    DNF_PLUGINS.map(
      ({ file, link, folders }) =>
        `for folder in ${folders}; do\n  ${command(`${DNF_FOLDER}/${file}`, `"$folder/${link}"`)}\ndone`,
    ).join('\n');
  const link = forEach((file, name) => `if [ -d "$folder" ]; then ln -sf ${file} ${name} || :; fi`);
  const unlink = forEach((file, name) => `if [ "$(readlink ${name})" = ${file} ]; then rm -f ${name}; fi`);
  return {
    ...common(DNF_PLUGIN, facts),
    summary: 'Upgrades from repositories of pinpack by patches',
    description: DNF_DESCRIPTION,
    requires: [{ name: '/usr/bin/python3' }],
    // Starts the plugin of dnf 5. Distributions without dnf 5 do not have it.
    recommends: [{ name: 'libdnf5-plugin-actions' }],
    scriptlets: {
      post: shell(link),
      preun: shell(`if [ "$1" -eq 0 ]; then\n${unlink.replaceAll(/^/gm, '  ')}\nfi`),
    },
    // dnf of another Python, or dnf 5, can be installed later.
    transactionFileTriggers: [
      { on: 'in', paths: ['/usr/lib/python3', '/etc/dnf/libdnf5-plugins', '/usr/share/dnf5'], ...shell(link) },
    ],
  };
}

function common(name: string, { version, date, vendor }: RuntimeFacts) {
  const time = Date.parse(date) / 1000;
  return {
    name,
    version,
    release: '1',
    architecture: 'noarch',
    license: 'MIT',
    vendor,
    packager: vendor,
    group: 'System Environment/Base',
    buildTime: time,
    buildHost: 'pinpack',
    changelog: [{ time, author: `${vendor} - ${version}-1`, text: `- ${name} ${version}` }],
  } satisfies Partial<RpmSpec>;
}
