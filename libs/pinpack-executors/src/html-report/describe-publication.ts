// Describes a publication for the page: the pins of its SBOM, joined with its files and the vulnerabilities known today. Pure.
import { checkJson } from '@pinpack/common/json';
import { wheelProject } from '@pinpack/rpm-packaging';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';
import type { AuditedVulnerability } from '../vulnerabilities/exceptions.js';
import { layoutDependencies } from './dependency-layout.js';
import { changesSince, describeVulnerability, indexing } from './describe-set.js';
import type { ApplicationData, PinData, RootData, SetData } from './page-data.js';
import type { IndexFacts } from './read-index.js';
import { smallestDeltas, type PublishedFacts } from './read-published.js';

/** The part of an SBOM that the page shows (CycloneDX 1.6). */
const SBOM = z.object({
  metadata: z.object({
    component: z.object({ 'bom-ref': z.string(), name: z.string(), version: z.string().optional() }),
  }),
  components: z
    .array(
      z.object({
        'bom-ref': z.string(),
        name: z.string(),
        version: z.string().optional(),
        purl: z.string().optional(),
        description: z.string().optional(),
        licenses: z
          .array(
            z.object({
              expression: z.string().optional(),
              license: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
            }),
          )
          .optional(),
        hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
        externalReferences: z.array(z.object({ type: z.string(), url: z.string() })).optional(),
        properties: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
      }),
    )
    .default([]),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).optional() })).default([]),
});

export type Sbom = z.output<typeof SBOM>;
type Component = Sbom['components'][number];

/** @throws PinpackError `PINPACK_SBOM_INVALID` */
export function parseSbom(bytes: Uint8Array, subject: string): Sbom {
  const { value, issues } = checkJson(Buffer.from(bytes).toString(), SBOM);
  if (value !== undefined) return value;
  throw new PinpackError('PINPACK_SBOM_INVALID', subject, issues);
}

export function pinsOfSbom({ components }: Sbom): Component[] {
  return components.filter(({ purl = '' }) => purl.startsWith('pkg:pypi/'));
}

/** The name of its wheel. */
export function fileOf({ properties = [] }: Component): string | undefined {
  return properties.find(({ name }) => name === 'pinpack:file')?.value;
}

export interface PublicationFacts {
  /** `reqset3`, `multi/py311` */
  set: string;
  label: string;
  location: string;
  /** The publication and, if there is one, the one before it. */
  published: readonly [PublishedFacts, ...PublishedFacts[]];
  /** Of the reqset, and of each application. */
  sbom: Sbom;
  applications: readonly Sbom[];
  index: ReadonlyMap<string, IndexFacts> | undefined;
  vulnerabilities: readonly AuditedVulnerability[];
}

export function describePublication(facts: PublicationFacts): Omit<SetData, 'sources'> {
  const { label, location, sbom, applications } = facts;
  const [shown, before] = facts.published;
  const components = pinsOfSbom(sbom);
  const indexOf = indexing(components.map((component) => component['bom-ref']));
  const targets = new Map(sbom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const edges = components.map((component) => (targets.get(component['bom-ref']) ?? []).flatMap(indexOf));
  const { positions, cycles } = layoutDependencies(edges);
  const deltas = smallestDeltas(shown.sizes);
  const pins = components.map((component, at): PinData => ({
    ...describeComponent(component),
    ...facts.index?.get(component.name),
    requires: (edges[at] ?? []).map((target) => [target, components[target]?.name ?? '']),
    at: positions[at] ?? [0, 0],
    ...sizesOf(component, facts, deltas),
  }));
  const indexOfName = indexing(pins.map(({ name }) => name));
  return {
    label,
    target: (targets.get(sbom.metadata.component['bom-ref']) ?? []).filter((ref) => ref.startsWith('python@')),
    publication: { id: shown.id, time: shown.time, location, isLatest: shown.isLatest },
    pins,
    roots: rootsOf(sbom, targets, indexOf),
    applications: applications.map((one) => describeApplication(one, indexOf)),
    cycles,
    vulnerabilities: facts.vulnerabilities.flatMap((one) =>
      indexOfName(one.name).map((pin) => describeVulnerability(one, pin)),
    ),
    ...(before !== undefined && { changes: changesSince(before, { packages: pins }) }),
    durations: [],
  };
}

function describeComponent(component: Component): Omit<PinData, 'requires' | 'at'> {
  const { name, version = '', description, licenses = [], hashes = [], externalReferences = [] } = component;
  const [declared] = licenses;
  const license = declared?.expression ?? declared?.license?.id ?? declared?.license?.name;
  const sha256 = hashes.find(({ alg }) => alg === 'SHA-256')?.content;
  const file = fileOf(component);
  const isBuilt = externalReferences.some(({ type }) => type === 'source-distribution');
  return {
    ...{ name, version, origin: isBuilt ? 'sdist' : 'wheel' },
    links: externalReferences.flatMap(({ type, url }) =>
      type === 'website' ? [{ title: 'Homepage', href: url }] : [],
    ),
    ...(description !== undefined && { summary: description }),
    ...(license !== undefined && {
      license: { text: license, isExpression: declared?.license?.name === undefined },
    }),
    ...(sha256 !== undefined && { sha256 }),
    ...(file !== undefined && { file }),
  };
}

function sizesOf(
  component: Component,
  { set, published: [{ record, sizes }] }: PublicationFacts,
  deltas: ReadonlyMap<string, number>,
): Pick<PinData, 'download' | 'rpm' | 'delta'> {
  const { name } = component;
  const download = sizes.get(`wheels/${fileOf(component) ?? ''}`);
  const rpm = record.packages.find(({ pin }) => pin?.name === name)?.size;
  const delta = deltas.get(wheelProject(set, name));
  return {
    ...(download !== undefined && { download }),
    ...(rpm !== undefined && { rpm }),
    ...(delta !== undefined && { delta }),
  };
}

function rootsOf(
  sbom: Sbom,
  targets: ReadonlyMap<string, readonly string[]>,
  indexOf: (ref: string) => number[],
): RootData[] {
  const { 'bom-ref': ref, name } = sbom.metadata.component;
  return (targets.get(ref) ?? []).flatMap(indexOf).map((pin) => ({ text: `the reqset ${name}`, pin }));
}

function describeApplication({ metadata, components }: Sbom, indexOf: (ref: string) => number[]): ApplicationData {
  const { name, version = '' } = metadata.component;
  return { name, version, pins: components.flatMap((component) => indexOf(component['bom-ref'])) };
}
