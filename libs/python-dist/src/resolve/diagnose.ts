// Explains a failed resolution by pin: unknown projects, unknown versions, and pins without a wheel for the target, with the platforms that have one.
import { issue, type DistIssue } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { normalizeName } from '../names/normalize-name.js';
import { formatVersion, isPreRelease, tryParseVersion } from '../pep440/version.js';
import { compareVersions, isSameVersion } from '../pep440/version-compare.js';
import { parseWheelFileName, type WheelFileName } from '../names/wheel-file-name.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parsePlatform, tryParsePlatform } from '../names/platform.js';
import type { Uv } from '../uv/uv.js';
import { relax, versionsWithout, type Attempt } from './advice.js';
import { ResolutionError } from './compile.js';

/** A distribution at an exact version, and its location: `reqsets/reqset1/requirements.txt:3`. */
export interface WrittenPin {
  name: string;
  version: string;
  place?: string;
  /** The line as written; absent if no line pins it. */
  text?: string;
}

interface Offer extends WrittenPin {
  versions: string[];
  /** Wheels of the pin's version. */
  wheels: { fileName: string; tags: WheelFileName }[];
  /** All wheels. */
  files: Offer['wheels'];
  isKnown: boolean;
  /** Whether the pin's version has an sdist. */
  hasSdist: boolean;
}

const NEWEST_SHOWN = 5;
/** Newer than every glibc. */
const ANY_GLIBC = 99;

export interface DiagnoseTools {
  target: TargetEnvironment;
  uv: Uv;
  index: IndexClient;
  /** Resolves the changed set, to try advice; absent if the set cannot be changed by its lines. */
  attempt?: Attempt | undefined;
}

/**
 * @param built - PEP 503 names of distributions that are built from source and need no wheel
 * @returns the issues of single pins; empty if each pin is available, so that they only conflict with each other
 */
export async function diagnosePins(
  pins: readonly WrittenPin[],
  built: ReadonlySet<string>,
  { target, uv, index, attempt }: DiagnoseTools,
): Promise<DistIssue[]> {
  const offers = await Promise.all(pins.map((pin) => readOffer(pin, index)));
  const candidates = Object.fromEntries(
    offers.map(({ name, wheels }) => [name, wheels.map(({ fileName }) => fileName)]),
  );
  const best = await chooseWheels(uv, target, candidates);
  const newest = `manylinux_2_${ANY_GLIBC}_${parsePlatform(target.platform).machine}`;
  const newer = await chooseWheels(uv, { ...target, platform: newest }, candidates);
  const kinds = offers.map((offer) => problemOf(offer, built, best[offer.name] !== null));
  const withAdvice = offers.filter((_, at) => kinds[at] === 'version' || kinds[at] === 'wheel');
  const isOnlyProblem = !kinds.includes('project');
  const advice =
    isOnlyProblem && attempt !== undefined ? await tryAdvice(withAdvice, { uv, target, built, attempt }) : NONE;
  return offers.flatMap((offer, at) => {
    const kind = kinds[at];
    if (kind === undefined) return [];
    if (kind === 'project') return [noProject(offer)];
    const fitting = { other: advice.versions.get(offer.name), canBuild: advice.buildable.has(offer.name) };
    if (kind === 'version') return [noVersion(offer, fitting.other)];
    return [noWheel(offer, target, { newer: newer[offer.name] ?? null, ...fitting })];
  });
}

type Problem = 'project' | 'version' | 'wheel';

function problemOf(offer: Offer, built: ReadonlySet<string>, hasWheel: boolean): Problem | undefined {
  if (!offer.isKnown) return 'project';
  if (!offer.versions.some((version) => isSameVersion(version, offer.version))) return 'version';
  const isBuilt = built.has(offer.name) || (offer.wheels.length === 0 && offer.hasSdist);
  return hasWheel || isBuilt ? undefined : 'wheel';
}

interface Advice {
  /** The versions that fit the set, by PEP 503 name. */
  versions: ReadonlyMap<string, string>;
  /** PEP 503 names of the pins with which the set resolves if they are built from source. */
  buildable: ReadonlySet<string>;
}

const NONE: Advice = { versions: new Map(), buildable: new Set() };

/** Versions that fit the rest of the set: those that uv chooses, or else the newest with a compatible wheel. */
async function tryAdvice(
  offers: readonly Offer[],
  tools: { uv: Uv; target: TargetEnvironment; built: ReadonlySet<string>; attempt: Attempt },
): Promise<Advice> {
  if (offers.length === 0) return NONE;
  const texts = textsOf(offers);
  const chosen = texts.length < offers.length ? undefined : await versionsWithout(texts, tools.attempt, tools);
  const versions = chosen ?? (await tryNewest(offers, tools)) ?? new Map<string, string>();
  const built = offers.filter(({ hasSdist }) => hasSdist).map(({ name }) => name);
  const others = offers.filter(({ hasSdist }) => !hasSdist);
  const lines = new Map(textsOf(others).map((text) => [text, relax(text)]));
  const isBuildable = built.length > 0 && !((await tools.attempt({ built, lines })) instanceof ResolutionError);
  return { versions, buildable: new Set(isBuildable ? built : []) };
}

async function tryNewest(
  offers: readonly Offer[],
  { uv, target, attempt }: { uv: Uv; target: TargetEnvironment; attempt: Attempt },
): Promise<Map<string, string> | undefined> {
  const newest = await otherVersions(uv, target, offers);
  if (offers.some(({ name }) => !newest.has(name))) return undefined;
  const lines = new Map(textsOf(offers).map((text) => [text, relax(text)]));
  const added = [...newest].map(([name, version]) => `${name}==${version}`);
  return (await attempt({ lines, added })) instanceof ResolutionError ? undefined : newest;
}

function textsOf(offers: readonly Offer[]): string[] {
  return offers.flatMap(({ text }) => text ?? []);
}

/** The newest version with a compatible wheel, by name. */
async function otherVersions(
  uv: Uv,
  target: TargetEnvironment,
  offers: readonly Offer[],
): Promise<Map<string, string>> {
  if (offers.length === 0) return new Map();
  const candidates: Record<string, string[]> = {};
  for (const { name, files } of offers) {
    for (const { fileName, tags } of files) (candidates[`${name} ${tags.version}`] ??= []).push(fileName);
  }
  const best = await chooseWheels(uv, target, candidates);
  const found = Object.keys(candidates).flatMap((key) => {
    const [name = '', text = ''] = key.split(' ');
    const version = tryParseVersion(text);
    return best[key] === null || version === undefined || isPreRelease(version) ? [] : [{ name, version }];
  });
  found.sort((a, b) => compareVersions(a.version, b.version));
  return new Map(found.map(({ name, version }) => [name, formatVersion(version)]));
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
    files: wheels,
    hasSdist: sources.some((version) => isSameVersion(version, pin.version)),
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

function noVersion(offer: Offer, other: string | undefined): DistIssue {
  const versions = offer.versions
    .flatMap((text) => tryParseVersion(text) ?? [])
    .sort((a, b) => compareVersions(b, a))
    .slice(0, NEWEST_SHOWN);
  const newest = [...new Set(versions.map(formatVersion))].join(', ');
  return issue(
    'DIST_RESOLVE_NO_VERSION',
    `${named(offer)}: the index has no such version`,
    `newest versions on the index: ${newest}`,
    ...(other === undefined ? [] : [`Pin ${offer.name}==${other}, with which the set resolves.`]),
  );
}

interface Alternatives {
  /** The wheel of the same version that a newer glibc would support. */
  newer: string | null;
  /** A version with a compatible wheel that fits the set. */
  other: string | undefined;
  /** Whether the set resolves if the pin is built from source. */
  canBuild: boolean;
}

function noWheel(offer: Offer, target: TargetEnvironment, { newer, other, canBuild }: Alternatives): DistIssue {
  const found = `${named(offer)}: no wheel is compatible with Python ${target.python} on ${target.platform}`;
  const { reason, setting } = whyNoWheel(offer, target, newer);
  const advice = [
    ...(canBuild ? [`build it from source: "build": {"${offer.name}": {"from": "sdist"}} in reqset.json`] : []),
    ...(other === undefined ? [] : [`pin ${offer.name}==${other}, which has a compatible wheel and fits the set`]),
    ...(setting === undefined ? [] : [setting]),
  ];
  const next =
    advice.length === 0
      ? 'No other version on the index has a compatible wheel and fits the set.'
      : sentence(advice.join(', or '));
  return issue('DIST_RESOLVE_NO_WHEEL', found, reason, next);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The reason, and the setting that would help. */
function whyNoWheel(
  offer: Offer,
  target: TargetEnvironment,
  newer: string | null,
): { reason: string; setting?: string } {
  if (offer.wheels.length === 0) return { reason: 'this version has no files that pinpack can use' };
  if (newer !== null) return newerPlatforms(newer, offer.wheels, target);
  const { machine } = parsePlatform(target.platform);
  const platforms = sortUnique(offer.wheels.flatMap(({ tags }) => tags.platformTags));
  const forMachine = offer.wheels.filter(({ tags }) =>
    tags.platformTags.some((tag) => tag === 'any' || tryParsePlatform(tag)?.machine === machine),
  );
  if (forMachine.length > 0) {
    const pythons = sortUnique(
      forMachine.flatMap(({ tags: { pythonTags, abiTags } }) => pythonsOf(pythonTags, abiTags)),
    );
    return { reason: `its wheels are for ${pythons.join(', ')}`, setting: 'change "python" in reqset.json' };
  }
  const isMusl = platforms.some((tag) => tag.startsWith('musllinux') && tag.endsWith(`_${machine}`));
  const why = isMusl
    ? 'its musllinux wheels are for systems without glibc, such as Alpine'
    : `its wheels are for ${platforms.join(', ')}`;
  return { reason: `it has no wheel for ${machine} with glibc: ${why}` };
}

function newerPlatforms(
  newer: string,
  wheels: Offer['wheels'],
  { platform }: TargetEnvironment,
): { reason: string; setting: string } {
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
  return {
    reason: `its wheels are for ${platforms.join(', ')}: they need glibc 2.${needed}, but ${platform} has 2.${glibc}`,
    setting: 'set "platform" in reqset.json to one of these if your servers support it',
  };
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
