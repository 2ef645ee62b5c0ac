/** File names of wheels (binary distribution format, "File name convention", and PEP 425 for compressed tags). */
import { distError, type DistError } from '../dist-error.js';
import { normalizeName } from './normalize-name.js';
import { parseVersion, tryParseVersion } from '../pep440/version.js';
import { compareVersions } from '../pep440/version-compare.js';

/** `{name}-{version}(-{build})?-{pythonTags}-{abiTags}-{platformTags}.whl`. */
export interface WheelFileName {
  /** The PEP 503 name. */
  readonly name: string;
  /** As written in the file name. */
  readonly version: string;
  readonly build?: string;
  readonly pythonTags: readonly string[];
  readonly abiTags: readonly string[];
  readonly platformTags: readonly string[];
  /** Every combination, expanded: `py2-none-any`, `py3-none-any`. */
  readonly tags: readonly string[];
}

/** Parses a bare file name, without folders. Throws `DIST_WHEEL_FILE_NAME_INVALID`. */
export function parseWheelFileName(fileName: string): WheelFileName {
  if (!fileName.endsWith('.whl')) throw invalid(fileName, 'does not end in .whl');
  const parts = fileName.slice(0, -'.whl'.length).split('-');
  if (parts.length !== 5 && parts.length !== 6) throw invalid(fileName, `has ${parts.length} parts between dashes`);
  const [name = '', version = ''] = parts;
  if (!/^[\w.]*[a-z0-9][\w.]*$/i.test(name) || name.includes('__'))
    throw invalid(fileName, `name "${name}" is invalid`);
  if (tryParseVersion(version) === undefined) throw invalid(fileName, `version "${version}" is not a PEP 440 version`);
  const build = parts.length === 6 ? parts[2] : undefined;
  if (build !== undefined && !/^[0-9]/.test(build))
    throw invalid(fileName, `build tag "${build}" has no leading digit`);
  const written = parts.slice(-3).join('-');
  const tags = knownTags.get(written) ?? parseTags(written, fileName);
  knownTags.set(written, tags);
  return { name: normalizeName(name), version, ...(build === undefined ? {} : { build }), ...tags };
}

/** Whether a file is a wheel of this version, in any spelling of it. False for an invalid file name. @param name - PEP 503 */
export function isWheelOf(fileName: string, { name, version }: { name: string; version: string }): boolean {
  try {
    const [found, wanted] = [parseWheelFileName(fileName), tryParseVersion(version)];
    return wanted !== undefined && found.name === name && compareVersions(parseVersion(found.version), wanted) === 0;
  } catch {
    return false;
  }
}

type Tags = Pick<WheelFileName, 'pythonTags' | 'abiTags' | 'platformTags' | 'tags'>;

/** The wheels of all locks have few different tags. */
const knownTags = new Map<string, Tags>();

function parseTags(written: string, fileName: string): Tags {
  const [pythonTags = [], abiTags = [], platformTags = []] = written
    .toLowerCase()
    .split('-')
    .map((part) => part.split('.'));
  const all = [...pythonTags, ...abiTags, ...platformTags];
  if (!all.every((tag) => /^\w+$/.test(tag))) throw invalid(fileName, `tag "${written}" has an invalid part`);
  const tags = pythonTags.flatMap((python) =>
    abiTags.flatMap((abi) => platformTags.map((platform) => `${python}-${abi}-${platform}`)),
  );
  return { pythonTags, abiTags, platformTags, tags };
}

function invalid(fileName: string, found: string): DistError {
  return distError(fileName, 'DIST_WHEEL_FILE_NAME_INVALID', [
    found,
    'expected {name}-{version}(-{build})-{python}-{abi}-{platform}.whl',
  ]);
}

/** Matches wheels of a distribution, of any version and tags. @param name - PEP 503 name */
export function wheelPattern(name: string): RegExp {
  // Wheel file names may use any of these separators. A version starts with a digit, so `numpy` does not match `numpy-financial`.
  return new RegExp(`^${name.replaceAll('-', '[-_.]+')}-[0-9][^-]*-[^/]*\\.whl$`, 'i');
}
