/** An RPM is lead, signature header, header, payload (rpm.org, "RPM V4 Package format"). */
import { createHash } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
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
import type { PayloadFacts } from './stream-payload.js';
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
  const header = encodeMainHeader(spec, payload);
  const md5 = hasMd5(spec, payload) ? digest('md5', header, payload.data) : undefined;
  return joinParts([...encodeHead(spec, payload, header, md5), payload.data]);
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
  const md5 = hasMd5(spec, payload) ? createHash('md5').update(header) : undefined;
  if (md5 !== undefined) for await (const piece of pieces()) md5.update(piece);
  return joinParts(encodeHead(spec, payload, header, md5?.digest()));
}

function hasMd5(spec: RpmSpec, payload: PayloadFacts): boolean {
  return spec.md5 !== false && !isFormat6(payload);
}

/** What comes before the payload. @param md5 - of header and payload */
function encodeHead(
  spec: RpmSpec,
  payload: PayloadFacts,
  header: Uint8Array,
  md5: Uint8Array | undefined,
): Uint8Array[] {
  if (isFormat6(payload)) return [encodeLead(spec, 6), encodeSignature6(header, fileName(spec)), header];
  return [encodeLead(spec, 4), encodeSignature(header, payload, md5, spec), header];
}

function joinParts(chunks: Uint8Array[]): EncodedRpm {
  return { chunks, size: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function encodeMainHeader(spec: RpmSpec, payload: PayloadFacts): Uint8Array {
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
  return encodeHeader(
    IMMUTABLE_REGION,
    { ...HEADER_TAGS, ...TRANSLATED_TAGS },
    { ...(format6 === undefined ? tags : toFormat6(tags, spec, format6)), ...translationTags(spec) },
    subject,
  );
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

function payloadTags(payload: PayloadFacts): UntranslatedTags {
  return {
    PAYLOADFORMAT: 'cpio',
    ...compressionTags(payload.compression),
    PAYLOADDIGEST: [payload.digest],
    PAYLOADDIGESTALGO: [SHA256],
    PAYLOADDIGESTALT: payload.archiveDigest === undefined ? [] : [payload.archiveDigest],
  };
}
