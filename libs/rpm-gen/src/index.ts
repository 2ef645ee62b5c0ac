/** The RPM V4 format: values in, bytes out. Knows no Python, no Nx and no network; time and host arrive as arguments. */
export { ARCHITECTURES, type Architecture } from './architectures.js';
export { checkPayload } from './check-payload.js';
export { checkSignatures, type SignatureCheck } from './check-signatures.js';
export {
  expectedCompression,
  formatCompression,
  OFFERED_COMPRESSIONS,
  parseCompression,
  type Compression,
} from './compression.js';
export { DEFAULT_MTIME, type FileContent, type RpmEntry } from './entries.js';
export type { VerifiedAspect } from './entry.js';
export { elfLinks, elfRequires, type ElfDependencies, type ElfLinks } from './elf.js';
export { RpmError, type RpmErrorCode } from './errors.js';
export { compareEvr, compareVersions, formatEvr, parseEvr, type Evr } from './evr.js';
export type { Lead } from './lead.js';
export type { PackedFile, Sink } from './archive.js';
export { packPayload, type Payload } from './payload.js';
export { readFiles, type ReadFiles } from './read-files.js';
export { readPublicKeys, type PublicKey } from './public-key.js';
export { addFileSignatures, readFileSignatures, type FileSignature } from './file-signatures.js';
export { packPayload6, type Payload6 } from './format6.js';
export { readPayload, unpackPayload, type PayloadFile } from './read-payload.js';
export { openRpmFile, type OpenRpm, type StreamedFile } from './read-rpm-file.js';
export { readRpm, type ReadRpm } from './read.js';
export { operandsOf } from './relation.js';
export { encodeRpm, encodeRpmHead, type EncodedRpm } from './rpm.js';
export { signRpm, type Signer } from './sign.js';
export {
  fileName,
  type ChangelogEntry,
  type FileTrigger,
  type PackageTrigger,
  type Relation,
  type RpmSpec,
  type Scriptlet,
  type ScriptletFlag,
  type ScriptletName,
  type Sense,
  type SourcePackage,
  type Translation,
  type When,
} from './spec.js';
export { sysusersProvides } from './sysusers.js';
export type { HeaderTags, SignatureTags } from './tags.js';
export { MemorySpool, streamPayload, type PayloadFacts, type PayloadOptions, type Spool } from './stream-payload.js';
export { writeRpmFile } from './write-rpm-file.js';
export { readTranslations } from './translations.js';
