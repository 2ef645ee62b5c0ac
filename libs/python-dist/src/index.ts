/** Python distributions: wheels, metadata, versions, requirements. Knows no RPM and no Nx. */
export * from './dist-error.js';
export { isValidName, normalizeName } from './normalize-name.js';
export {
  formatPublicVersion,
  formatVersion,
  isPreRelease,
  parseVersion,
  tryParseVersion,
  type PreReleaseKind,
  type Version,
} from './version.js';
export { compareVersions } from './version-compare.js';
export {
  formatSpecifierSet,
  parseSpecifierSet,
  satisfies,
  type Specifier,
  type SpecifierOperator,
} from './specifier.js';
export { parseRequirement, type Requirement } from './requirement.js';
export {
  parseRequirementsFile,
  parseRequirementsFileWithOptions,
  type OptionLine,
  type RequirementLine,
  type RequirementsFile,
} from './requirements-file.js';
export { isWheelOf, parseWheelFileName, type WheelFileName } from './wheel-file-name.js';
export { parseMetadata, type Metadata, type ProjectUrl } from './metadata.js';
export { isPure, parseWheelMetadata, type WheelMetadata } from './wheel-metadata.js';
export { formatRecord, parseRecord, type RecordAlgorithm, type RecordDigest, type RecordRow } from './record.js';
export { openWheel, type Wheel, type WheelContent } from './wheel.js';
export { type WheelEntry } from './wheel-files.js';
export {
  CanonicalWheelDigest,
  canonicalWheelSize,
  CanonicalWheelEncoder,
  encodeCanonicalWheel,
  readContents,
  type CanonicalContent,
  type CanonicalWheelSummary,
} from './canonical-wheel.js';
export { readIndexConfiguration, type IndexConfiguration } from './index-client/configuration.js';
export { IndexClient, redact, type OnBytes } from './index-client/client.js';
export {
  compactRecipe,
  EMPTY_RECIPE,
  type BuildRecipe,
  type BuildSettings,
  type WorkspaceFile,
} from './lock/build-recipe.js';
export {
  inputsDigest,
  type LockInputApplication,
  type LockInputs,
  type SourceTree,
  type WrittenRequirement,
} from './lock/inputs.js';
export {
  applicationDigest,
  applicationsOf,
  formatApplication,
  type Application,
  type ClosureMember,
} from './lock/application.js';
export { carriesBytecode, isLayout, LAYOUTS, type Layout } from './lock/layout.js';
export { type ForeignLock } from './lock/foreign/foreign-lock.js';
export { parseForeignLock } from './lock/foreign/parse-foreign-lock.js';
export { closureOf, minorVersion } from './lock/closure.js';
export { formatPin, pinDigest, pinsOf, type Pin } from './lock/pin.js';
export {
  formatPylock,
  isApplicationName,
  parsePylock,
  type BuildRequirement,
  type Lock,
  type LockedApplication,
  type LockedPackage,
  type LockPlace,
  type PinSource,
  type WheelFile,
} from './lock/pylock.js';
export { type TargetEnvironment } from './resolve/evaluate.js';
export { isResolvable } from './resolve/check-target.js';
export { type LockOptions } from './resolve/lock-options.js';
export { lockReqset, type LockTools } from './resolve/lock-reqset.js';
export { newestVersions, type NewestVersion } from './resolve/newest.js';
export { parseProjectRequirements, type ProjectRequirements } from './resolve/project-requirements.js';
export { parsePyproject, readPyproject, type ProjectDescription, type Pyproject } from './resolve/source-tree.js';
export { Uv } from './resolve/uv.js';
export { type IndexedWheel } from './simple-index/indexed-wheel.js';
export { FIND_LINKS, simplePages, type IndexPage } from './simple-index/pages.js';
export { parseSdistFileName, type SdistFileName } from './sdist-file-name.js';
export { callHook, canSandbox, type HookResult, type PreparedBuild } from './source-build/backend.js';
export { cacheFolder } from './source-build/cache-folder.js';
export { BuildEnvironments, type ProvideWheel } from './source-build/environment.js';
export { findInterpreter, type Interpreter } from './source-build/interpreter.js';
export { applyPatches, readLockedFile } from './source-build/patches.js';
export { readBuildSystem, type BuildSystem } from './source-build/project-files.js';
export { FIXED_FOLDER } from './source-build/sandbox.js';
export { unpackSdist } from './source-build/unpack-sdist.js';
export { parsePlatform, type Platform } from './resolve/platform.js';
