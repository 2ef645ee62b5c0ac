/** Versions of distributions: parsing and the normalized form (PEP 440, "Version scheme" and "Normalization"). */
import { distError } from '../dist-error.js';

export type PreReleaseKind = 'a' | 'b' | 'rc';

/** `epoch!release[pre][.postN][.devN][+local]`. Local parts are lower case; numeric ones carry no leading zeros. */
export interface Version {
  readonly epoch: number;
  readonly release: readonly number[];
  readonly pre?: { readonly kind: PreReleaseKind; readonly number: number };
  readonly post?: number;
  readonly dev?: number;
  readonly local?: readonly string[];
}

/** Source of the grammar's public part, from epoch to dev, without the leading `v`. Case is ignored. */
const EPOCH_AND_RELEASE = String.raw`(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)`;
const PRE = String.raw`(?:[._-]?(?<preKind>alpha|a|beta|b|preview|pre|c|rc)[._-]?(?<preNumber>[0-9]+)?)?`;
const POST = String.raw`(?:-(?<postDash>[0-9]+)|[._-]?(?<postKind>post|rev|r)[._-]?(?<postNumber>[0-9]+)?)?`;
const DEV = String.raw`(?<dev>[._-]?dev[._-]?(?<devNumber>[0-9]+)?)?`;
const LOCAL = String.raw`(?:\+(?<local>[a-z0-9]+(?:[._-][a-z0-9]+)*))?`;
const VERSION = new RegExp(String.raw`^\s*v?${EPOCH_AND_RELEASE}${PRE}${POST}${DEV}${LOCAL}\s*$`, 'i');
const RELEASE_ONLY = /^[0-9]+(?:\.[0-9]+)*$/;

const PRE_KINDS: Readonly<Record<string, PreReleaseKind>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** Parses a PEP 440 version. Throws `DIST_VERSION_INVALID`. */
export function parseVersion(text: string): Version {
  const version = tryParseVersion(text);
  if (version !== undefined) return version;
  throw distError(text, 'DIST_VERSION_INVALID', [
    'not a version that PEP 440 allows',
    'expected [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local], with numbers below 2**53',
  ]);
}

/** The version, or undefined if it is invalid. */
export function tryParseVersion(text: string): Version | undefined {
  // Most versions; the graph inference parses those of all locks, and the named groups of the whole grammar take ten times as long.
  if (RELEASE_ONLY.test(text)) {
    const release = text.split('.').map(Number);
    return release.every(Number.isSafeInteger) ? { epoch: 0, release } : undefined;
  }
  const parts = VERSION.exec(text)?.groups as Record<string, string | undefined> | undefined;
  if (parts === undefined) return undefined;
  const { epoch, release = '', preKind, preNumber, postDash, postKind, postNumber, dev, devNumber, local } = parts;
  const kind = preKind === undefined ? undefined : PRE_KINDS[preKind.toLowerCase()];
  const version: Version = {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    ...(kind === undefined ? {} : { pre: { kind, number: Number(preNumber ?? 0) } }),
    ...(postDash === undefined && postKind === undefined ? {} : { post: Number(postDash ?? postNumber ?? 0) }),
    ...(dev === undefined ? {} : { dev: Number(devNumber ?? 0) }),
    ...(local === undefined ? {} : { local: local.toLowerCase().split(/[._-]/).map(withoutLeadingZeros) }),
  };
  return numbersOf(version).every(Number.isSafeInteger) ? version : undefined;
}

/** The normalized form, as printed by `str(packaging.version.Version(text))`. */
export function formatVersion(version: Version): string {
  const { local } = version;
  return `${formatPublicVersion(version)}${local === undefined ? '' : `+${local.join('.')}`}`;
}

/** The normalized form without the local part. */
export function formatPublicVersion({ epoch, release, pre, post, dev }: Version): string {
  return [
    epoch === 0 ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : `${pre.kind}${pre.number}`,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
  ].join('');
}

/** Whether the version is a pre-release or a development release. */
export function isPreRelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

function numbersOf({ epoch, release, pre, post, dev }: Version): number[] {
  return [epoch, ...release, pre?.number ?? 0, post ?? 0, dev ?? 0];
}

function withoutLeadingZeros(part: string): string {
  return /^[0-9]+$/.test(part) ? part.replace(/^0+(?=[0-9])/, '') : part;
}
