// Plans the RPM of an application from the lock, its settings and its wheels' digests. Pure.
import { plainVersion, type Application } from '@pinpack/python-dist';
import type { Relation, RpmSpec } from '@pinpack/rpm-gen';
import { applicationProject, setLabel, wheelProject } from '../names/rpm-names.js';
import { pythonProject, runtimeCommand } from '../names/python-names.js';
import { licenseOfText } from '../licenses/declared-license.js';
import { describe } from '../wheel-rpm/rpm-description.js';
import { rpmTime } from '../names/rpm-time.js';
import { formatRpmVersion, rpmVersion } from '../names/rpm-version.js';
import { ACCOUNT_REQUIRES, accountProvides } from './application-account.js';
import type { ApplicationRequest } from './application-request.js';
import { applicationScriptlets, runtimeRequires, SCRIPTLETS_WITH_RUNTIME } from './application-scriptlets.js';
import { applicationUnitActions, hasMigration } from './application-units.js';

/** @param runtimeVersion - of the pinpack-runtime that is made from the same pinpack */
export function planApplicationRpm(request: ApplicationRequest, runtimeVersion: string, vendor: string): RpmSpec {
  const { reqset, application, settings } = request;
  const { user } = settings;
  const name = applicationProject(reqset, application.name);
  const label = setLabel(reqset);
  const version = rpmVersion(application.version);
  const runtime = runtimeCommand(reqset, application.interpreter !== undefined);
  const author = `${vendor} - ${formatRpmVersion(version)}-${application.release}`;
  return {
    name,
    ...version,
    release: String(application.release),
    architecture: 'noarch',
    ...describeApplication(request),
    vendor,
    packager: vendor,
    group: 'Applications/System',
    buildTime: rpmTime(application),
    buildHost: 'pinpack',
    requires: [
      pythonRequires(reqset, application),
      runtimeRequires(runtimeVersion),
      ...closureRequires(reqset, application),
      ...(user === undefined ? [] : ACCOUNT_REQUIRES),
    ],
    provides: user === undefined ? [] : accountProvides(user),
    scriptlets: applicationScriptlets({
      ...{ name, reqset: label, user, runtime },
      units: applicationUnitActions(settings, { name, reqset: label }),
      hasTmpfiles: settings.tmpfiles !== undefined,
      hasMigration: hasMigration(settings),
    }),
    changelog: [{ time: rpmTime(application), author, text: `- ${application.name} ${application.version}` }],
  };
}

function describeApplication({ reqset, application: { name, library, version }, about }: ApplicationRequest) {
  const { summary, license, url } = about;
  const declared = license === undefined ? undefined : licenseOfText(license);
  return describe(
    { summary, fallback: `The application ${name}`, license: declared, urls: [url] },
    `The application ${name} ${version} with the pins of the requirement set ${setLabel(reqset)}, in a virtualenv of its own, which is made from the RPMs of its wheels at installation. Its own library is ${library}.`,
  );
}

/** The system's Python, or exactly the locked one of the set, which also runs the scriptlets. */
function pythonRequires(reqset: string, { python, interpreter }: Application): Relation {
  if (interpreter === undefined) return { name: 'python(abi)', sense: '=', version: python };
  const version = `${plainVersion(interpreter.version)}-${interpreter.release}`;
  return { name: pythonProject(reqset), sense: '=', version, when: SCRIPTLETS_WITH_RUNTIME };
}

/** Exactly the locked closure. rpm installs it before the application, whose scriptlet needs it. */
function closureRequires(reqset: string, { wheels }: Application): Relation[] {
  return wheels.map(({ name, version, release }) => {
    const evr = `${formatRpmVersion(rpmVersion(version))}-${release}`;
    return { name: wheelProject(reqset, name), sense: '=', version: evr };
  });
}
