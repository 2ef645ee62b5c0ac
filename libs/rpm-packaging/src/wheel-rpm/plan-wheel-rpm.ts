// What the wheel RPM of a pin is, from the lock's pin and what was read of the wheel. Pure.
import {
  formatPublicVersion,
  normalizeName,
  parseRequirement,
  parseVersion,
  type Pin,
  type Wheel,
} from '@pinpack/python-dist';
import type { Relation, RpmSpec } from '@pinpack/rpm-gen';
import { PackagingError } from '../packaging-error.js';
import { setLabel, wheelProject } from '../names/rpm-names.js';
import { apiRequirements } from './api-requires.js';
import { describeWheel } from './rpm-description.js';
import { checkGlibcLevel } from './glibc-level.js';
import { architectureOf } from '../names/rpm-file-name.js';
import { requirementRelations } from './relations.js';
import { pythonAbiName } from '../names/python-names.js';
import { RUNTIME_REQUIRES, wheelScriptlets } from './wheel-rpm-scriptlets.js';
import { rpmTime } from '../names/rpm-time.js';
import { formatRpmVersion, rpmVersion } from '../names/rpm-version.js';

export interface WheelRpmFacts {
  reqset: string;
  pin: Pin;
  wheel: Pick<Wheel, 'fileName' | 'identity' | 'metadata'>;
  /** Of the canonical wheel, in hex. */
  sha256: string;
  /** Sonames and symbol versions that the wheel needs of the system. */
  elfRequires: string[];
  vendor: string;
}

/** @throws PackagingError `PINPACK_REQUIRES_DIFFER` where the lock has a requirement that the wheel doesn't declare, `PINPACK_GLIBC_TOO_NEW` */
export function planWheelRpm({ reqset, pin, wheel, sha256, elfRequires, vendor }: WheelRpmFacts): RpmSpec {
  checkRequires(pin, wheel);
  checkGlibcLevel(pin, wheel.fileName, elfRequires);
  const name = wheelProject(reqset, pin.name);
  const version = rpmVersion(pin.version);
  const architecture = architectureOf(wheel.identity.platformTags, pin.platform);
  const all = [...pin.requires, ...apiRequirements(pin, architecture !== 'noarch')];
  const requirements = all.flatMap((requirement) =>
    requirementRelations(requirement, (dependency) => wheelProject(reqset, normalizeName(dependency))),
  );
  return {
    name,
    ...version,
    release: String(pin.release),
    architecture,
    ...describeWheel(wheel.metadata, setLabel(reqset)),
    vendor,
    packager: vendor,
    group: 'Development/Languages/Python',
    buildTime: rpmTime(pin),
    buildHost: 'pinpack',
    requires: [
      pythonAbi(reqset, pin),
      RUNTIME_REQUIRES,
      ...requirements,
      ...elfRequires.map((soname) => ({ name: soname })),
    ],
    provides: publicVersionProvides(name, pin),
    scriptlets: wheelScriptlets(reqset, pin),
    changelog: [
      {
        time: rpmTime(pin),
        author: `${vendor} - ${formatRpmVersion(version)}-${pin.release}`,
        text: `- ${pin.name} ${pin.version}, sha256 of the canonical wheel ${sha256}`,
      },
    ],
  };
}

/** The lock was resolved from the wheel's own metadata; a wheel with other metadata is not the one that was locked. */
function checkRequires(pin: Pin, wheel: WheelRpmFacts['wheel']): void {
  const declared = new Set(wheel.metadata.requiresDist.map(shortForm));
  const unknown = pin.requires.filter((requirement) => !declared.has(shortForm(requirement)));
  if (unknown.length === 0) return;
  throw new PackagingError('PINPACK_REQUIRES_DIFFER', wheel.fileName, [
    `the lock has requirements of ${pin.name} that the wheel's METADATA doesn't declare: ${unknown.join('; ')}`,
    'Lock again: the lock or the source tree has changed since.',
  ]);
}

function shortForm(requirement: string): string {
  const { name, specifiers } = parseRequirement(requirement);
  return `${normalizeName(name)}${specifiers
    .map(({ operator, version, wildcard }) => `${operator}${version}${wildcard ? '.*' : ''}`)
    .sort()
    .join(',')}`;
}

function pythonAbi(reqset: string, { python, bundled }: Pin): Relation {
  return { name: bundled === true ? pythonAbiName(reqset) : 'python(abi)', sense: '=', version: python };
}

/** In Python `==2.1` takes `2.1+cpu` too: such an RPM also provides the version without the local part. */
function publicVersionProvides(name: string, pin: Pin): Relation[] {
  const version = parseVersion(pin.version);
  if (version.local === undefined) return [];
  const withoutLocal = formatRpmVersion(rpmVersion(formatPublicVersion(version)));
  return [{ name, sense: '=', version: `${withoutLocal}-${pin.release}` }];
}
