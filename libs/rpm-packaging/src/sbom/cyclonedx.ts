// Writes a bill of materials as CycloneDX 1.6 (ECMA-424), as JSON. It contains no time, and its serial number is a digest of its content, so that the same
// content has the same bytes. Pure.
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { sha256Of } from '@pinpack/common/digest';
import type { Bill, BillComponent } from './bill.js';
import type { DeclaredLicense } from '../licenses/declared-license.js';

const KINDS = {
  application: Enums.ComponentType.Application,
  container: Enums.ComponentType.Container,
  library: Enums.ComponentType.Library,
  platform: Enums.ComponentType.Platform,
} as const;

export function formatCycloneDx({ subject, components }: Bill, tool: { version: string }): string {
  const refs = new Map<string, Models.Component>();
  const main = modelOf(subject, refs);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({
      component: main,
      tools: new Models.Tools({
        components: new Models.ComponentRepository([
          new Models.Component(Enums.ComponentType.Application, 'pinpack', { version: tool.version }),
        ]),
      }),
    }),
    components: new Models.ComponentRepository(components.map((component) => modelOf(component, refs))),
  });
  for (const { ref, dependsOn } of [subject, ...components])
    for (const target of dependsOn) {
      const found = refs.get(target);
      if (found !== undefined) refs.get(ref)?.dependencies.add(found.bomRef);
    }
  bom.serialNumber = `urn:uuid:${uuidOf(serialize(bom))}`;
  return `${serialize(bom)}\n`;
}

function serialize(bom: Models.Bom): string {
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 1 });
}

/** A UUID of version 8 (RFC 9562, section 5.8) from the digest of a text. */
export function uuidOf(text: string): string {
  const hex = sha256Of(text);
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function modelOf(component: BillComponent, refs: Map<string, Models.Component>): Models.Component {
  const { ref, kind, name, version, purl, description, author, file, bundled } = component;
  const model = new Models.Component(KINDS[kind], name, {
    bomRef: ref,
    ...(version !== undefined && { version }),
    ...(purl !== undefined && { purl }),
    ...(description !== undefined && { description }),
    ...(author !== undefined && { author }),
    ...(file !== undefined && { hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], file.sha256]]) }),
    licenses: new Models.LicenseRepository(licensesOf(component.license)),
    externalReferences: new Models.ExternalReferenceRepository(referencesOf(component)),
    components: new Models.ComponentRepository(bundled.map((part) => modelOf(part, refs))),
    properties: new Models.PropertyRepository(
      file?.name === undefined ? [] : [new Models.Property('pinpack:file', file.name)],
    ),
  });
  refs.set(ref, model);
  return model;
}

function licensesOf(license: DeclaredLicense | undefined): Models.License[] {
  if (license === undefined) return [];
  if ('text' in license) return [new Models.NamedLicense(license.text)];
  return [new Models.LicenseExpression(license.expression)];
}

function referencesOf({ homepage, source }: BillComponent): Models.ExternalReference[] {
  return [
    ...(homepage === undefined ? [] : [new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website)]),
    ...(source === undefined
      ? []
      : [
          new Models.ExternalReference(source.name, Enums.ExternalReferenceType.SourceDistribution, {
            hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], source.sha256]]),
          }),
        ]),
  ];
}
