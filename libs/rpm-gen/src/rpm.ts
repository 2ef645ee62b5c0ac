/** An RPM is lead, signature header, header, payload (rpm.org, "RPM V4 Package format"). */
import { createHash } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
import { compressionTags } from './compression.js';
import { fileTags } from './files.js';
import { encodeHeader } from './header.js';
import { encodeLead } from './lead.js';
import type { Payload, PayloadFacts } from './payload.js';
import { relationTags } from './relations.js';
import { scriptletTags } from './scriptlets.js';
import { encodeSignature } from './signature.js';
import { fileName, type RpmSpec } from './spec.js';
import { HEADER_TAGS, IMMUTABLE_REGION, SHA256, type HeaderTags } from './tags.js';
import { triggerTags } from './triggers.js';
import { validateSpec } from './validate.js';

export interface EncodedRpm {
  /** In the order of the file; the last is the payload itself, not a copy. */
  chunks: Uint8Array[];
  /** Bytes of all chunks. */
  size: number;
}

/** Pure: the same spec and payload give the same bytes. Throws RpmError with every issue of the spec. */
export function encodeRpm(spec: RpmSpec, payload: Payload): EncodedRpm {
  const header = encodeMainHeader(spec, payload);
  const md5 = spec.md5 === false ? undefined : digest('md5', header, payload.data);
  return joinParts([encodeLead(spec), encodeSignature(header, payload, md5, spec), header, payload.data]);
}

/**
 * As `encodeRpm`, without the payload itself, which is read once more: MD5 covers the header before it.
 *
 * @param pieces - of the payload, as they were written
 */
export async function encodeRpmHead(
  spec: RpmSpec,
  payload: PayloadFacts,
  pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<EncodedRpm> {
  const header = encodeMainHeader(spec, payload);
  const md5 = spec.md5 === false ? undefined : createHash('md5').update(header);
  if (md5 !== undefined) for await (const piece of pieces()) md5.update(piece);
  return joinParts([encodeLead(spec), encodeSignature(header, payload, md5?.digest(), spec), header]);
}

function joinParts(chunks: Uint8Array[]): EncodedRpm {
  return { chunks, size: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function encodeMainHeader(spec: RpmSpec, payload: PayloadFacts): Uint8Array {
  validateSpec(spec);
  const subject = fileName(spec);
  const tags: HeaderTags = {
    ...identityTags(spec),
    ...relationTags(spec, {
      xz: payload.compression.kind === 'xz',
      zstd: payload.compression.kind === 'zstd',
      largeFiles: payload.large,
      hardLinks: payload.files.some(({ links }) => links > 1),
      capabilities: payload.files.some(({ capabilities }) => capabilities !== ''),
    }),
    ...fileTags(payload),
    ...scriptletTags(spec),
    ...triggerTags(spec),
    ...changelogTags(spec),
    ...payloadTags(payload),
  };
  return encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, tags, subject);
}

function identityTags(spec: RpmSpec): HeaderTags {
  return {
    HEADERI18NTABLE: ['C'],
    NAME: spec.name,
    VERSION: spec.version,
    RELEASE: spec.release,
    EPOCH: spec.epoch === undefined ? undefined : [spec.epoch],
    SUMMARY: spec.summary,
    DESCRIPTION: spec.description.trimEnd(),
    BUILDTIME: [spec.buildTime],
    BUILDHOST: spec.buildHost,
    VENDOR: spec.vendor,
    LICENSE: spec.license,
    PACKAGER: spec.packager,
    GROUP: spec.group ?? 'Unspecified',
    URL: spec.url,
    OS: 'linux',
    ARCH: spec.architecture,
    SOURCERPM: spec.sourceRpm ?? `${spec.name}-${spec.version}-${spec.release}.src.rpm`,
    ENCODING: 'utf-8',
  };
}

function changelogTags({ changelog }: RpmSpec): HeaderTags {
  return {
    CHANGELOGTIME: changelog.map((entry) => entry.time),
    CHANGELOGNAME: changelog.map((entry) => entry.author),
    CHANGELOGTEXT: changelog.map((entry) => entry.text.trimEnd()),
  };
}

function payloadTags(payload: PayloadFacts): HeaderTags {
  return {
    PAYLOADFORMAT: 'cpio',
    ...compressionTags(payload.compression),
    PAYLOADDIGEST: [payload.digest],
    PAYLOADDIGESTALGO: [SHA256],
    PAYLOADDIGESTALT: payload.archiveDigest === undefined ? [] : [payload.archiveDigest],
  };
}
