// Warns of a lock that does not suit the servers that `fleet` in reqset.json names.
import {
  minorVersion,
  parsePlatform,
  parseWheelFileName,
  plainVersion,
  tryParsePlatform,
  type Lock,
  type LockedPackage,
} from '@pinpack/python-dist';
import { compressionOf, FLEETS, type CompressionSettings, type Fleet } from '@pinpack/rpm-packaging';

type Locked = Pick<Lock, 'packages' | 'python' | 'platform' | 'compression' | 'interpreter'>;

/** One message for each of platform, Python and compression that the servers lack. */
export function fleetWarnings(label: string, lock: Locked, { fleet }: Pick<CompressionSettings, 'fleet'>): string[] {
  const known: Readonly<Record<string, Fleet>> = FLEETS;
  const servers = known[fleet ?? ''];
  if (fleet === undefined || servers === undefined) return [];
  const found = [
    machineWarning(lock, servers, fleet),
    glibcWarning(lock, servers, fleet),
    pythonWarning(lock, servers, fleet),
    compressionWarning(lock, servers, fleet),
  ];
  return found.flatMap((warning) => (warning === undefined ? [] : [`${label}: ${warning}`]));
}

function machineWarning({ platform }: Locked, { machines }: Fleet, fleet: string): string | undefined {
  const { machine } = parsePlatform(platform);
  if (machines.includes(machine)) return undefined;
  return `the platform ${platform} is for ${machine}, but fleet ${fleet} has ${machines.join(', ')}. Set "platform" in reqset.json to one of these.`;
}

function glibcWarning({ packages, platform }: Locked, { glibc }: Fleet, fleet: string): string | undefined {
  const target = parsePlatform(platform);
  if (target.glibc <= glibc) return undefined;
  const newer = packages.filter((one) => glibcOf(one, target.machine) > glibc).map(({ name }) => name);
  const affected =
    newer.length === 0
      ? 'No wheel of this lock needs it, but those of the next one may.'
      : `dnf refuses to install what these wheels become: ${newer.join(', ')}.`;
  return `the platform ${platform} has glibc 2.${target.glibc}, but fleet ${fleet} has 2.${glibc}. ${affected} Set "platform": "manylinux_2_${glibc}_${target.machine}" in reqset.json.`;
}

/** The oldest minor version of glibc 2 that a wheel is for; 0 for a pure one, and for what is built, which target rpm checks. */
function glibcOf({ source }: LockedPackage, machine: string): number {
  if (source.kind !== 'wheel' && source.kind !== 'prebuilt') return 0;
  const platforms = parseWheelFileName(source.wheel.name).platformTags.map(tryParsePlatform);
  const levels = platforms.flatMap((one) => (one?.machine === machine ? [one.glibc] : []));
  return levels.length === 0 ? 0 : Math.min(...levels);
}

function pythonWarning({ python, interpreter }: Locked, { pythons }: Fleet, fleet: string): string | undefined {
  const minor = minorVersion(plainVersion(python));
  if (interpreter !== undefined || pythons === undefined || pythons.includes(minor)) return undefined;
  return `no package of Python ${minor} is known for fleet ${fleet}, which has ${pythons.join(', ')}. Unless a repository of yours has one, set "python" in reqset.json to one of these, or add a "bundle" to it, a Python that the RPMs bring along`;
}

function compressionWarning(lock: Locked, { deltas }: Fleet, fleet: string): string | undefined {
  const { kind } = compressionOf(lock);
  if (deltas === 'none' || kind !== 'zstd') return undefined;
  return `RPMs are compressed with ${kind}, whose deltas only fit servers with the same version of libzstd, and fleet ${fleet} applies deltas (${deltas}). Remove "compression" from reqset.json to use that of the fleet.`;
}
