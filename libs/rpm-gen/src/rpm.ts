/** An RPM is lead, signature header, header, payload (rpm.org, "RPM V4 Package format"). */
import { compressionTags } from './compression.js';
import { throwIssues } from './errors.js';
import { fileTags } from './files.js';
import { encodeHeader } from './header.js';
import { encodeSignature6, isFormat6, toFormat6 } from './format6.js';
import { encodeLead } from './lead.js';
import type { Payload } from './payload.js';
import { relationTags } from './relations.js';
import { scriptletTags } from './scriptlets.js';
import { encodeSignature } from './signature.js';
import { fileName, type RpmSpec } from './spec.js';
import { HEADER_TAGS, IMMUTABLE_REGION, SHA256, TRANSLATED_TAGS, type UntranslatedTags } from './tags.js';
import { triggerTags } from './triggers.js';
import { translationTags } from './translations.js';
import { pathKindIssues } from './validate-entries.js';
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
  const isSource = spec.source !== undefined;
  throwIssues(
    'RPM_ENTRIES_INVALID',
    subject,
    pathKindIssues(payload.files, isSource),
    'Correct the paths, or the `source` of the spec.',
  );
  const format6 = isFormat6(payload) ? payload : undefined;
  const tags: UntranslatedTags = {
    ...identityTags(spec),
    ...relationTags(spec, {
      xz: payload.compression.kind === 'xz',
      zstd: payload.compression.kind === 'zstd',
      largeFiles: payload.large,
      hardLinks: payload.files.some(({ links }) => links > 1),
      format6: format6 !== undefined,
      capabilities: payload.files.some(({ capabilities }) => capabilities !== ''),
    }),
    ...fileTags(payload),
    ...scriptletTags(spec),
    ...triggerTags(spec),
    ...changelogTags(spec),
    ...payloadTags(payload),
  };
  const all = format6 === undefined ? tags : toFormat6(tags, spec, format6);
  const header = encodeHeader(
    IMMUTABLE_REGION,
    { ...HEADER_TAGS, ...TRANSLATED_TAGS },
    { ...all, ...translationTags(spec) },
    subject,
  );
  const signature = format6 === undefined ? encodeSignature(header, payload, spec) : encodeSignature6(header, subject);
  const chunks = [encodeLead(spec, format6 === undefined ? 4 : 6), signature, header, payload.data];
  return { chunks, size: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function identityTags(spec: RpmSpec): UntranslatedTags {
  return {
    NAME: spec.name,
    VERSION: spec.version,
    RELEASE: spec.release,
    EPOCH: spec.epoch === undefined ? undefined : [spec.epoch],
    BUILDTIME: [spec.buildTime],
    BUILDHOST: spec.buildHost,
    VENDOR: spec.vendor,
    LICENSE: spec.license,
    PACKAGER: spec.packager,
    URL: spec.url,
    OS: 'linux',
    ARCH: spec.architecture,
    ...sourceTags(spec),
    ENCODING: 'utf-8',
  };
}

/** rpm takes a package without SOURCERPM for a source package. */
function sourceTags(spec: RpmSpec): UntranslatedTags {
  const { source } = spec;
  if (source === undefined) return { SOURCERPM: spec.sourceRpm ?? fileName({ ...spec, source: {} }) };
  return {
    SOURCEPACKAGE: [1],
    SOURCE: source.sources ?? [],
    PATCH: source.patches ?? [],
    BUILDARCHS: source.buildArchitectures ?? [],
    EXCLUSIVEARCH: source.exclusiveArchitectures ?? [],
    EXCLUDEARCH: source.excludedArchitectures ?? [],
  };
}

function changelogTags({ changelog }: RpmSpec): UntranslatedTags {
  return {
    CHANGELOGTIME: changelog.map((entry) => entry.time),
    CHANGELOGNAME: changelog.map((entry) => entry.author),
    CHANGELOGTEXT: changelog.map((entry) => entry.text.trimEnd()),
  };
}

function payloadTags(payload: Payload): UntranslatedTags {
  return {
    PAYLOADFORMAT: 'cpio',
    ...compressionTags(payload.compression),
    PAYLOADDIGEST: [payload.digest],
    PAYLOADDIGESTALGO: [SHA256],
    PAYLOADDIGESTALT: payload.archiveDigest === undefined ? [] : [payload.archiveDigest],
  };
}
