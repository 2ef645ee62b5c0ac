// Writes a bill of materials as SPDX 2.3, as JSON. Its namespace is a digest of its content, so that the same content has the same bytes. Pure.
import { uuidOf } from './cyclonedx.js';
import type { Bill, BillComponent } from './bill.js';
import type { DeclaredLicense } from '../licenses/declared-license.js';

const PURPOSES = {
  application: 'APPLICATION',
  container: 'CONTAINER',
  library: 'LIBRARY',
  platform: 'FRAMEWORK',
} as const;
const NOTHING = 'NOASSERTION';

interface SpdxRequest {
  version: string;
  /** Seconds since 1970: SPDX demands a time. */
  created: number;
}

export function formatSpdx({ subject, components }: Bill, { version, created }: SpdxRequest): string {
  const all = [subject, ...components].flatMap((component) => [component, ...component.bundled]);
  const ids = new Map(all.map(({ ref }, index) => [ref, `SPDXRef-${index}-${ref.replaceAll(/[^A-Za-z0-9.]+/g, '-')}`]));
  const id = (ref: string): string => ids.get(ref) ?? NOTHING;
  const extracted = new ExtractedLicenses();
  const packages = all.map((component) => packageOf(component, id(component.ref), extracted));
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    creationInfo: {
      created: new Date(created * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: pinpack-${version}`],
    },
    packages,
    ...(extracted.all.length > 0 && { hasExtractedLicensingInfos: extracted.all }),
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', id(subject.ref)),
      ...[subject, ...components].flatMap(({ ref, dependsOn, bundled }) => [
        ...dependsOn.map((target) => relationship(id(ref), 'DEPENDS_ON', id(target))),
        ...bundled.map((part) => relationship(id(ref), 'CONTAINS', id(part.ref))),
      ]),
    ],
  };
  const namespace = `urn:uuid:${uuidOf(JSON.stringify(document))}`;
  return `${JSON.stringify({ ...document, documentNamespace: namespace }, undefined, 1)}\n`;
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): object {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function packageOf(component: BillComponent, id: string, licenses: ExtractedLicenses): object {
  const { kind, name, version, purl, description, homepage, file, source } = component;
  return {
    SPDXID: id,
    name,
    ...(version !== undefined && { versionInfo: version }),
    ...(file?.name !== undefined && { packageFileName: file.name }),
    primaryPackagePurpose: PURPOSES[kind],
    downloadLocation: NOTHING,
    filesAnalyzed: false,
    ...(file !== undefined && { checksums: [{ algorithm: 'SHA256', checksumValue: file.sha256 }] }),
    ...(homepage !== undefined && { homepage }),
    ...(source !== undefined && { sourceInfo: `built from ${source.name}, sha256 ${source.sha256}` }),
    licenseConcluded: NOTHING,
    licenseDeclared: licenses.declare(component.license),
    copyrightText: NOTHING,
    ...(description !== undefined && { summary: description }),
    ...(purl !== undefined && {
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    }),
  };
}

/** Licences that are not on SPDX's list: a document has to contain their text (SPDX 2.3, clause 10). */
class ExtractedLicenses {
  readonly all: { licenseId: string; extractedText: string; name: string }[] = [];

  declare(license: DeclaredLicense | undefined): string {
    if (license === undefined) return NOTHING;
    if ('text' in license) return this.#add(`LicenseRef-${uuidOf(license.text)}`, license.text);
    for (const [reference] of license.expression.matchAll(/\bLicenseRef-[A-Za-z0-9.-]+/g))
      this.#add(reference, reference);
    return license.expression;
  }

  #add(licenseId: string, text: string): string {
    if (!this.all.some((known) => known.licenseId === licenseId))
      this.all.push({ licenseId, extractedText: text, name: text.split('\n', 1)[0]?.slice(0, 100) ?? licenseId });
    return licenseId;
  }
}
