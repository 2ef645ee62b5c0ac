// Explains a failed resolution by pin: unknown projects, unknown versions, and pins without a wheel for the target, with the platforms that have one.
import { issue, type DistIssue } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { normalizeName } from '../names/normalize-name.js';
import { formatVersion, tryParseVersion } from '../pep440/version.js';
import { compareVersions, isSameVersion } from '../pep440/version-compare.js';
import { parseWheelFileName, type WheelFileName } from '../names/wheel-file-name.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parsePlatform, tryParsePlatform } from '../names/platform.js';
import type { Uv } from '../uv/uv.js';

/** A distribution at an exact version, and its location: `reqsets/reqset1/requirements.txt:3`. */
export interface WrittenPin {
  name: string;
  version: string;
  place?: string;
}

interface Offer extends WrittenPin {
  versions: string[];
  /** Wheels of the pin's version. */
  wheels: { fileName: string; tags: WheelFileName }[];
  isKnown: boolean;
}

const NEWEST_SHOWN = 5;
/** Newer than every glibc. */
const ANY_GLIBC = 99;

/** @returns the issues of single pins; empty if each pin is available, so that they only conflict with each other */
export async function diagnosePins(
  pins: WrittenPin[],
  target: TargetEnvironment,
  uv: Uv,
  index: IndexClient,
): Promise<DistIssue[]> {
  const offers = await Promise.all(pins.map((pin) => readOffer(pin, index)));
  const candidates = Object.fromEntries(
    offers.map(({ name, wheels }) => [name, wheels.map(({ fileName }) => fileName)]),
  );
  const best = await chooseWheels(uv, target, candidates);
  const newest = `manylinux_2_${ANY_GLIBC}_${parsePlatform(target.platform).machine}`;
  const newer = await chooseWheels(uv, { ...target, platform: newest }, candidates);
  return offers.flatMap((offer) => {
    if (!offer.isKnown) return [noProject(offer)];
    if (!offer.versions.some((version) => isSameVersion(version, offer.version))) return [noVersion(offer)];
    return best[offer.name] === null ? [noWheel(offer, target, newer[offer.name] ?? null)] : [];
  });
}

async function readOffer(pin: WrittenPin, index: IndexClient): Promise<Offer> {
  const files = await index.files(normalizeName(pin.name));
  const wheels = files.flatMap(({ name }) => tryParse(name));
  const sources = files.flatMap(({ name }) => /-([^-]+)\.(?:tar\.gz|zip)$/.exec(name)?.[1] ?? []);
  return {
    ...pin,
    isKnown: files.length > 0,
    versions: [...new Set([...wheels.map(({ tags }) => tags.version), ...sources])],
    wheels: wheels.filter(({ tags }) => isSameVersion(tags.version, pin.version)),
  };
}

function tryParse(fileName: string): Offer['wheels'] {
  if (!fileName.endsWith('.whl')) return [];
  try {
    return [{ fileName, tags: parseWheelFileName(fileName) }];
  } catch {
    // Indexes have old files with invalid names, which pip ignores too.
    return [];
  }
}

function named({ place, name, version }: WrittenPin): string {
  return `${place === undefined ? '' : `${place}: `}${name}==${version}`;
}

function noProject(pin: WrittenPin): DistIssue {
  const next = 'Check the spelling and the index that pip or uv is configured with.';
  return issue('DIST_RESOLVE_NO_PROJECT', `${named(pin)}: the index has no project ${normalizeName(pin.name)}`, next);
}

function noVersion(offer: Offer): DistIssue {
  const versions = offer.versions
    .flatMap((text) => tryParseVersion(text) ?? [])
    .sort((a, b) => compareVersions(b, a))
    .slice(0, NEWEST_SHOWN);
  const newest = [...new Set(versions.map(formatVersion))].join(', ');
  return issue(
    'DIST_RESOLVE_NO_VERSION',
    `${named(offer)}: the index has no such version`,
    `newest versions on the index: ${newest}`,
  );
}

/** @param newer - the wheel that a newer glibc would support */
function noWheel(offer: Offer, target: TargetEnvironment, newer: string | null): DistIssue {
  const found = `${named(offer)}: no wheel is compatible with Python ${target.python} on ${target.platform}`;
  if (offer.wheels.length === 0) {
    return issue('DIST_RESOLVE_NO_WHEEL', found, 'this version has only an sdist', 'Pin a version that has wheels.');
  }
  if (newer !== null) return issue('DIST_RESOLVE_NO_WHEEL', found, ...newerPlatforms(newer, offer.wheels, target));
  const { machine } = parsePlatform(target.platform);
  const platforms = sortUnique(offer.wheels.flatMap(({ tags }) => tags.platformTags));
  const forMachine = offer.wheels.filter(({ tags }) =>
    tags.platformTags.some((tag) => tag === 'any' || tryParsePlatform(tag)?.machine === machine),
  );
  if (forMachine.length > 0) {
    const pythons = sortUnique(
      forMachine.flatMap(({ tags: { pythonTags, abiTags } }) => pythonsOf(pythonTags, abiTags)),
    );
    const next = 'Change "python" in reqset.json, or pin another version.';
    return issue('DIST_RESOLVE_NO_WHEEL', found, `its wheels are for ${pythons.join(', ')}`, next);
  }
  const why = platforms.some((tag) => tag.startsWith('musllinux') && tag.endsWith(`_${machine}`))
    ? 'its musllinux wheels are for systems without glibc, such as Alpine'
    : `its wheels are for ${platforms.join(', ')}`;
  return issue(
    'DIST_RESOLVE_NO_WHEEL',
    found,
    `it has no wheel for ${machine} with glibc: ${why}`,
    'Pin a version that has one.',
  );
}

function newerPlatforms(newer: string, wheels: Offer['wheels'], { platform }: TargetEnvironment): string[] {
  const { machine, glibc } = parsePlatform(platform);
  const fitting = parseWheelFileName(newer);
  const alike = wheels.filter(
    ({ tags }) =>
      tags.pythonTags.join() === fitting.pythonTags.join() && tags.abiTags.join() === fitting.abiTags.join(),
  );
  const platforms = sortUnique(alike.flatMap(({ tags }) => tags.platformTags)).filter(
    (tag) => tryParsePlatform(tag)?.machine === machine,
  );
  const needed = Math.min(...platforms.map((tag) => parsePlatform(tag).glibc));
  return [
    `its wheels are for ${platforms.join(', ')}: they need glibc 2.${needed}, but ${platform} has 2.${glibc}`,
    'Set "platform" in reqset.json to one of these if your servers support it, or pin a version that has a wheel for your platform.',
  ];
}

/** `cp311`, or with another ABI `cp312-abi3`, `cp27-cp27m`. */
function pythonsOf(pythonTags: readonly string[], abiTags: readonly string[]): string[] {
  return pythonTags.flatMap((python) =>
    abiTags.map((abi) => (abi === python || abi === 'none' ? python : `${python}-${abi}`)),
  );
}

function sortUnique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
