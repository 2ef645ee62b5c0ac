/** An RPM is lead, signature header, header, payload (rpm.org, "RPM V4 Package format"). */
import { compressionTags } from './compression.js';

import { fileTags } from './files.js';
import { encodeHeader } from './header.js';
import { encodeLead } from './lead.js';
import type { Payload } from './payload.js';
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
  const header = encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, tags, subject);
  const chunks = [encodeLead(spec), encodeSignature(header, payload, spec), header, payload.data];
  return { chunks, size: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
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

function payloadTags(payload: Payload): HeaderTags {
  return {
    PAYLOADFORMAT: 'cpio',
    ...compressionTags(payload.compression),
    PAYLOADDIGEST: [payload.digest],
    PAYLOADDIGESTALGO: [SHA256],
    PAYLOADDIGESTALT: payload.archiveDigest === undefined ? [] : [payload.archiveDigest],
  };
}
