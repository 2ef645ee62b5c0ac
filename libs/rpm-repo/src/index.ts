/** Repositories of RPMs for dnf: deltas, metadata, signatures. Knows neither Python nor Nx; the caller passes the paths. */
export {
  planAdvisories,
  type AdvisoryRequest,
  type FixedVulnerability,
  type PinChange,
  type ReleasedPackage,
} from './advisories.js';
export {
  DELTA_ARGUMENTS,
  deltaProgramDigest,
  makeDelta,
  refuseContent,
  type Delta,
  type DeltaRequest,
  type Refusal,
} from './delta.js';
export { checkMetadata, type DescribedPackage, type ExpectedMetadata } from './check-metadata.js';
export {
  parseCertificateFingerprints,
  verifyDetached,
  verifyText,
  type Verified,
  type VerifiedText,
} from './openpgp/verify.js';
export { parsePackages, parseRepomd, type ListedPackage, type MetadataFile, type Repomd } from './read-metadata.js';
export { writeMetadata, type MetadataRequest } from './metadata.js';
export {
  inspectPackageFile,
  readPackageFile,
  signPackageFile,
  type ExpectedPackage,
  type PackageFile,
} from './package-file.js';
export { makePatch, type MakePatchRequest, type Patch } from './patches/make-patch.js';
export { patchCodeDigest } from './patches/patch-code-digest.js';
export { patchFileName, selectPatches, type OldPackage, type PublishedPatch } from './patches/patch-index.js';
export { deltaFileName, type PublishedDelta } from './prestodelta.js';
export {
  formatRepositoryRecord,
  parseRepositoryRecord,
  type Advisory,
  type AdvisorySeverity,
  type AdvisoryType,
  type Link,
  type PublishedPackage,
  type Reference,
  type RepositoryRecord,
} from './record.js';
export { RepoError, type RepoErrorCode } from './repo-error.js';
export { withSigner, type KeySource, type Signer } from './signer.js';
export {
  PUBLIC_KEY,
  RECORD,
  writeRepository,
  type RepositoryPackage,
  type RepositoryRequest,
} from './write-repository.js';
export { repositoryCodeDigest } from './code-digest.js';
