// Reads the facts of a wheel for SBOMs and notices: METADATA, licence texts, and the libraries and distributions that the wheel bundles.
import { basename } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import {
  NO_WHEEL_LIMITS,
  normalizeName,
  openWheel,
  parseMetadata,
  type Metadata,
  type Wheel,
} from '@pinpack/python-dist';
import { declaredLicense, type DeclaredLicense } from '../licenses/declared-license.js';
import { isOwnLicenseFile } from '../licenses/license-files.js';
import { readEmbeddedSbom, type EmbeddedComponent } from './embedded-sbom.js';

/** A library or distribution within a wheel. */
export interface BundledComponent extends EmbeddedComponent {
  /** Path in the wheel of the file that it is, or that describes it. */
  path: string;
  /** Of the file, in hex, if it is one file. */
  sha256?: string;
}

export interface Distribution {
  /** Of the wheel. */
  fileName: string;
  sha256: string;
  metadata: Metadata;
  license?: DeclaredLicense;
  bundled: BundledComponent[];
  licenseTexts: { path: string; text: string }[];
}

/** Shared libraries that auditwheel, delocate or delvewheel copied: `numpy.libs/libgfortran-040039e1.so.5.0.0`. */
const LIBRARY = /(?:^|\/)(?:[^/]+\.libs|\.dylibs)\/([^/]+)$/;
/** A distribution that another one carries: `setuptools/_vendor/jaraco.text-4.0.0.dist-info/METADATA`. */
const VENDORED = /\/[^/]+\.dist-info\/METADATA$/;
/** pip's list of what it carries. */
const VENDOR_LIST = /(?:^|\/)_vendor\/vendor\.txt$/;
/** PEP 770. */
const SBOM = /^[^/]+\.dist-info\/sboms\/.+\.json$/;

/** @throws DistError for a damaged wheel */
export async function readDistribution(path: string): Promise<Distribution> {
  const sha256 = await sha256OfFile(path);
  const wheel = await openWheel(path, NO_WHEEL_LIMITS);
  try {
    const license = declaredLicense(wheel.metadata);
    return {
      fileName: basename(path),
      sha256,
      metadata: wheel.metadata,
      ...(license !== undefined && { license }),
      bundled: await bundledBy(wheel),
      licenseTexts: await readTexts(wheel, (name) => isOwnLicenseFile(wheel, name)),
    };
  } finally {
    wheel.close();
  }
}

async function bundledBy(wheel: Wheel): Promise<BundledComponent[]> {
  const described = (await readTexts(wheel, (name) => SBOM.test(name))).flatMap(({ path, text }) =>
    readEmbeddedSbom(text).map((component) => ({ ...component, path })),
  );
  const own = normalizeName(wheel.metadata.name);
  const others = described.filter(({ purl, name }) => purl?.startsWith(`pkg:pypi/${own}`) !== true && name !== own);
  return [...others, ...libraries(wheel), ...(await vendored(wheel)), ...(await listed(wheel))];
}

function libraries({ record }: Wheel): BundledComponent[] {
  return record.flatMap(({ path, digest }) => {
    const [, name] = LIBRARY.exec(path) ?? [];
    if (name === undefined) return [];
    return [{ name, path, ...(digest?.algorithm === 'sha256' && { sha256: digest.hex }) }];
  });
}

async function vendored(wheel: Wheel): Promise<BundledComponent[]> {
  const found = await readTexts(wheel, (name) => VENDORED.test(name) && !name.startsWith(`${wheel.distInfo}/`));
  return found.flatMap(({ path, text }) => {
    const metadata = tryParse(text);
    if (metadata === undefined) return [];
    const license = declaredLicense(metadata);
    return [{ ...pypiComponent(metadata), path, ...(license !== undefined && { license }) }];
  });
}

/** A wheel may carry a damaged METADATA of another distribution. */
function tryParse(text: string): Metadata | undefined {
  try {
    return parseMetadata(text);
  } catch {
    return undefined;
  }
}

async function listed(wheel: Wheel): Promise<BundledComponent[]> {
  const lists = await readTexts(wheel, (name) => VENDOR_LIST.test(name));
  return lists.flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*([A-Za-z0-9][\w.-]*)==([^\s;#]+)/gm)].map(([, name = '', version = '']) => ({
      ...pypiComponent({ name, version }),
      path,
    })),
  );
}

function pypiComponent({ name, version }: { name: string; version: string }): EmbeddedComponent {
  const normalized = normalizeName(name);
  return { name: normalized, version, purl: `pkg:pypi/${normalized}@${encodeURIComponent(version)}` };
}

async function readTexts(wheel: Wheel, isWanted: (name: string) => boolean): Promise<{ path: string; text: string }[]> {
  const texts = [];
  for (const entry of wheel.entries) {
    if (!isWanted(entry.name)) continue;
    texts.push({ path: entry.name, text: (await wheel.read(entry)).data.toString('utf8') });
  }
  return texts;
}
