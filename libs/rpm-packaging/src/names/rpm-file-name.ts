// What an RPM of a pin is called: name, version, release, architecture; known from the lock alone where the lock has the wheel.
import { parsePlatform, parseWheelFileName, plainVersion, type Application, type Pin } from '@pinpack/python-dist';
import { pythonProject } from './python-names.js';
import { applicationProject, wheelProject } from './rpm-names.js';
import { formatVersionRelease } from './rpm-version.js';

/** The machines of platform tags, which rpm's architectures are called like. */
const MACHINES = ['x86_64', 'aarch64', 's390x', 'ppc64le', 'riscv64'] as const;

export type WheelArchitecture = 'noarch' | (typeof MACHINES)[number];

/** `noarch` for a wheel that runs anywhere. @param platform - the reqset's platform tag */
export function architectureOf(platformTags: readonly string[], platform: string): WheelArchitecture {
  if (platformTags.includes('any')) return 'noarch';
  const { machine } = parsePlatform(platform);
  const found = MACHINES.find((name) => name === machine);
  if (found === undefined) throw new RangeError(`${platform}: there are no RPMs for ${machine}`);
  return found;
}

/** The RPM's file name; its architecture is `*` where the wheel is yet to be built. */
export function rpmFileName(reqset: string, pin: Pin): string {
  const { source } = pin;
  const architecture =
    'wheel' in source ? architectureOf(parseWheelFileName(source.wheel.name).platformTags, pin.platform) : '*';
  return `${wheelProject(reqset, pin.name)}-${formatVersionRelease(pin)}.${architecture}.rpm`;
}

/** The file name of an application's RPM. It carries no code of its own: what it requires knows the architecture. */
export function applicationRpmFileName(reqset: string, application: Application): string {
  return `${applicationProject(reqset, application.name)}-${formatVersionRelease(application)}.noarch.rpm`;
}

/** The file name of the RPM of the Python that a set brings along. @param version - full version */
export function pythonRpmFileName(
  set: string,
  version: string,
  { platform, release }: { platform: string; release: number },
): string {
  return `${pythonProject(set)}-${plainVersion(version)}-${release}.${parsePlatform(platform).machine}.rpm`;
}

/** RPMs of a name, of any version, release and architecture. */
export function rpmPattern(name: string): RegExp {
  return new RegExp(`^${name.replaceAll(/[.+]/g, '\\$&')}-[^-]+-[^-]+\\.(?:noarch|${MACHINES.join('|')})\\.rpm$`);
}
