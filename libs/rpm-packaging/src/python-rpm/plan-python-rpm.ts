// Plans the RPM of the Python that a set brings along. Pure.
import { minorVersion, plainVersion, type LockedInterpreter } from '@pinpack/python-dist';
import { type RpmSpec } from '@pinpack/rpm-gen';
import { architectureOf } from '../names/rpm-file-name.js';
import { rpmTime } from '../names/rpm-time.js';
import { setLabel } from '../names/rpm-names.js';
import { INTERPRETER } from '../runtime-rpm/plan-runtime-rpms.js';
import { pythonAbiName, pythonFolder, pythonProject } from '../names/python-names.js';

export interface PythonRpmFacts {
  set: string;
  /** Full version: `3.12.8` */
  python: string;
  platform: string;
  interpreter: Pick<LockedInterpreter, 'release' | 'sha256' | 'time'>;
  /** The version of its own OpenSSL. */
  openssl: string | undefined;
  /** Sonames and symbol versions that it needs of the system. */
  elfRequires: readonly string[];
  vendor: string;
}

export function planPythonRpm(facts: PythonRpmFacts): RpmSpec {
  const { set, python, platform, interpreter, elfRequires, vendor } = facts;
  const name = pythonProject(set);
  const version = plainVersion(python);
  return {
    name,
    version,
    release: String(interpreter.release),
    architecture: architectureOf([], platform),
    summary: `Python ${python} for the requirement set ${setLabel(set)}`,
    description: describePython(facts),
    license: 'Python-2.0.1',
    url: 'https://www.python.org/',
    vendor,
    packager: vendor,
    group: 'Development/Languages/Python',
    buildTime: rpmTime(interpreter),
    buildHost: 'pinpack',
    requires: elfRequires.map((soname) => ({ name: soname })),
    // No python(abi) and no soname: packages of the system must not depend on it.
    provides: [{ name: pythonAbiName(set), sense: '=', version: minorVersion(python) }, { name: INTERPRETER }],
    scriptlets: {},
    changelog: [
      {
        time: rpmTime(interpreter),
        author: `${vendor} - ${version}-${interpreter.release}`,
        text: `- Python ${python}, sha256 of its source ${interpreter.sha256}`,
      },
    ],
  };
}

function describePython({ set, python, openssl }: PythonRpmFacts): string {
  const tls =
    openssl === undefined
      ? "It uses the system's OpenSSL and its policies."
      : `It contains OpenSSL ${openssl}, to which the system's crypto policies and\nFIPS mode do not apply.`;
  return `Python ${python} in ${pythonFolder(set)},
which applications of the requirement set ${setLabel(set)} use instead of the
system's Python. It is not on PATH. Certificates are those of the system.
${tls}`;
}
