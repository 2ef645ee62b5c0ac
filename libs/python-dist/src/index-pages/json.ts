// JSON pages of a simple index (PEP 691, version 1.1 by PEP 700). They have no upload times, so that the same wheels give the same pages.
import { compareVersions } from '../pep440/version-compare.js';
import { parseVersion } from '../pep440/version.js';
import { urlOf, type IndexedWheel } from './indexed-wheel.js';

const META = { 'api-version': '1.1' };

/** The page of all projects. @param names - PEP 503 names */
export function encodeRootJson(names: readonly string[]): string {
  return encode({ meta: META, projects: names.map((name) => ({ name })) });
}

/** The page of a project. */
export function encodeProjectJson(name: string, wheels: readonly IndexedWheel[]): string {
  const versions = [...new Set(wheels.map(({ version }) => version))];
  versions.sort((one, other) => compareVersions(parseVersion(one), parseVersion(other)));
  return encode({ meta: META, name, versions, files: wheels.map(fileOf) });
}

function fileOf(wheel: IndexedWheel): object {
  const { fileName, size, sha256, requiresPython, metadataSha256 } = wheel;
  const metadata = metadataSha256 === undefined ? undefined : { sha256: metadataSha256 };
  return {
    filename: fileName,
    url: urlOf(wheel),
    hashes: { sha256 },
    ...(requiresPython !== undefined && { 'requires-python': requiresPython }),
    size,
    // PEP 714's name, and the older name that older versions of pip read.
    ...(metadata && { 'core-metadata': metadata, 'data-dist-info-metadata': metadata }),
  };
}

function encode(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
