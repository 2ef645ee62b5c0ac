// The provenance of a publication: an in-toto Statement v1 (in-toto Attestation Framework, "Statement") with the predicate SLSA Provenance v1
// (slsa.dev/spec/v1.0/provenance). Its subjects are the files that get installed, its dependencies what the lock has. It holds no time, so that the same
// content has the same statement. Pure.
import { checkJson } from '@pinpack/common/json';
import type { Lock, LockedPackage } from '@pinpack/python-dist';
import { z } from 'zod';

export const PROVENANCE = 'provenance.json';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
/** What buildDefinition means: see docs/publishing.md, "Provenance". */
const BUILD_TYPE = 'urn:pinpack:build:publication:v1';

/** A file of the publication, and the pin or application that it carries. */
export interface Subject {
  path: string;
  sha256: string;
  annotations?: Record<string, string>;
}

export interface ProvenanceRequest {
  set: string;
  lock: Lock;
  /** The lock's file, relative to the workspace's root, and its digest. */
  lockFile: { path: string; sha256: string };
  vendor: string;
  /** Digests of pinpack's own code, by output. */
  code: Readonly<Record<string, string>>;
  builder: { id: string; version: Readonly<Record<string, string>> };
  subjects: readonly Subject[];
}

export function formatProvenance(request: ProvenanceRequest): string {
  const { set, lock, lockFile, vendor, code, builder, subjects } = request;
  const sorted = [...subjects].sort((one, other) => (one.path < other.path ? -1 : 1));
  const statement: ProvenanceStatement = {
    _type: STATEMENT_TYPE,
    subject: sorted.map(({ path, sha256, annotations }) => ({
      ...{ name: path, digest: { sha256 } },
      ...(annotations !== undefined && { annotations }),
    })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { set, vendor, lock: lockFile.path, python: lock.python, platform: lock.platform },
        internalParameters: { code: { ...code } },
        resolvedDependencies: [
          { uri: lockFile.path, name: 'lock', digest: { sha256: lockFile.sha256 } },
          ...lock.packages.flatMap(dependenciesOf),
        ],
      },
      runDetails: { builder: { id: builder.id, version: { ...builder.version } } },
    },
  };
  return `${JSON.stringify(statement, undefined, 1)}\n`;
}

type Descriptor = z.output<typeof DESCRIPTOR>;

/** The distribution of a pin with the digest that the index gave for it; for a source tree of the workspace, the distributions that build it. */
function dependenciesOf({ name, version, source }: LockedPackage): Descriptor[] {
  const own = 'wheel' in source ? source.wheel : source.kind === 'sdist' ? source.sdist : undefined;
  const tools = 'buildRequires' in source ? source.buildRequires : [];
  return [
    ...(own === undefined
      ? [
          {
            uri: 'path' in source ? source.path : name,
            name: `${name} ${version}`,
            annotations: { pin: name, version },
          },
        ]
      : [descriptor({ name, version, file: own }, { pin: name, version })]),
    ...tools.map((tool) => descriptor({ ...tool, file: tool.wheel }, { builds: name })),
  ];
}

function descriptor(
  { name, version, file }: { name: string; version: string; file: { name: string; sha256: string } },
  annotations: Record<string, string>,
): Descriptor {
  const uri = `pkg:pypi/${name}@${encodeURIComponent(version)}?file_name=${encodeURIComponent(file.name)}`;
  return { uri, name: file.name, digest: { sha256: file.sha256 }, annotations };
}

const DIGEST = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: '64 hex digits' }) });
const ANNOTATIONS = z.record(z.string(), z.string());
/** in-toto's ResourceDescriptor: at least one of uri, digest and content. */
const DESCRIPTOR = z.object({
  uri: z.string().exactOptional(),
  name: z.string().exactOptional(),
  digest: DIGEST.exactOptional(),
  annotations: ANNOTATIONS.exactOptional(),
});
const STATEMENT = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.object({ name: z.string().min(1), digest: DIGEST, annotations: ANNOTATIONS.exactOptional() }))
    .min(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.literal(BUILD_TYPE),
      externalParameters: z.record(z.string(), z.string()),
      internalParameters: z.object({ code: z.record(z.string(), z.string()) }),
      resolvedDependencies: z.array(DESCRIPTOR),
    }),
    runDetails: z.object({ builder: z.object({ id: z.string().min(1), version: z.record(z.string(), z.string()) }) }),
  }),
});

export type ProvenanceStatement = z.output<typeof STATEMENT>;

/** The statement, or every issue. */
export function parseProvenance(text: string): { statement: ProvenanceStatement } | { problem: string } {
  const { value, issues } = checkJson(text, STATEMENT);
  return issues === undefined ? { statement: value } : { problem: issues.join('; ') };
}
