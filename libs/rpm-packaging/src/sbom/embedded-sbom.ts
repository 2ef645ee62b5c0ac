// Reads the components of an SBOM that a wheel carries (PEP 770): CycloneDX or SPDX, as JSON. Pure.
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { licenseOfText, type DeclaredLicense } from '../licenses/declared-license.js';

export interface EmbeddedComponent {
  name: string;
  version?: string;
  /** Package URL. */
  purl?: string;
  license?: DeclaredLicense;
}

const LICENSES = z.array(
  z.object({
    expression: z.string().exactOptional(),
    license: z.object({ id: z.string().exactOptional(), name: z.string().exactOptional() }).exactOptional(),
  }),
);
const COMPONENT = z.object({
  name: z.string().min(1),
  version: z.string().exactOptional(),
  purl: z.string().exactOptional(),
  licenses: LICENSES.exactOptional(),
});
const CYCLONEDX = z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(COMPONENT).default([]) });
const SPDX = z.object({
  spdxVersion: z.string(),
  packages: z
    .array(
      z.object({
        name: z.string().min(1),
        versionInfo: z.string().exactOptional(),
        licenseDeclared: z.string().exactOptional(),
        externalRefs: z.array(z.object({ referenceType: z.string(), referenceLocator: z.string() })).default([]),
      }),
    )
    .default([]),
});

/** None if the text is of another format: a wheel may carry any. */
export function readEmbeddedSbom(text: string): EmbeddedComponent[] {
  const cyclonedx = parseJson(text, CYCLONEDX);
  if (cyclonedx !== undefined) return cyclonedx.components.map(componentOf);
  const spdx = parseJson(text, SPDX);
  return (spdx?.packages ?? []).map(({ name, versionInfo, licenseDeclared, externalRefs }) => {
    const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
    return {
      name,
      ...(versionInfo !== undefined && { version: versionInfo }),
      ...(isPurl(purl) && { purl }),
      ...(licenseDeclared !== undefined &&
        !NOTHING.has(licenseDeclared) && { license: licenseOfText(licenseDeclared) }),
    };
  });
}

const NOTHING = new Set(['NOASSERTION', 'NONE', '']);

function componentOf({ name, version, purl, licenses = [] }: z.output<typeof COMPONENT>): EmbeddedComponent {
  const [first, ...others] = licenses.flatMap(
    ({ expression, license }) => expression ?? license?.id ?? license?.name ?? [],
  );
  return {
    name,
    ...(version !== undefined && { version }),
    ...(isPurl(purl) && { purl }),
    // Several licences of a component are not joined: CycloneDX does not say how.
    ...(first !== undefined && others.length === 0 && { license: licenseOfText(first) }),
  };
}

function isPurl(text: string | undefined): text is string {
  return text !== undefined && /^pkg:[a-z][a-z0-9.+-]*\/\S+$/i.test(text);
}
