/** Python distributions: wheels, metadata, versions, requirements. Knows no RPM and no Nx. */
export * from './dist-error.js';
export { isValidName, normalizeName } from './names/normalize-name.js';
export {
  formatPublicVersion,
  formatVersion,
  isPreRelease,
  parseVersion,
  tryParseVersion,
  type PreReleaseKind,
  type Version,
} from './pep440/version.js';
export { compareVersions } from './pep440/version-compare.js';
export {
  formatSpecifierSet,
  parseSpecifierSet,
  satisfies,
  type Specifier,
  type SpecifierOperator,
} from './pep440/specifier.js';
export { parseRequirement, type Requirement } from './requirements/requirement.js';
export {
  parseRequirementsFile,
  parseRequirementsFileWithOptions,
  type OptionLine,
  type RequirementLine,
  type RequirementsFile,
} from './requirements/requirements-file.js';
export { isWheelOf, parseWheelFileName, type WheelFileName } from './names/wheel-file-name.js';
export { parseMetadata, type Metadata, type ProjectUrl } from './wheel/metadata.js';
export { isPure, parseWheelMetadata, type WheelMetadata } from './wheel/wheel-metadata.js';
export { formatRecord, parseRecord, type RecordAlgorithm, type RecordDigest, type RecordRow } from './wheel/record.js';
export { openWheel, type Wheel, type WheelContent } from './wheel/wheel.js';
export { type WheelEntry } from './zip/zip-files.js';
export {
  CanonicalWheelDigest,
  canonicalWheelSize,
  CanonicalWheelEncoder,
  encodeCanonicalWheel,
  readContents,
  type CanonicalContent,
  type CanonicalWheelSummary,
} from './wheel/canonical-wheel.js';
export { readIndexConfiguration, type IndexConfiguration } from './index/index-configuration.js';
export { IndexClient, type OnBytes } from './index/index-client.js';
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
export { formatPylock, isApplicationName, parsePylock, type LockLocation } from './lock/pylock.js';
export type { BuildRequirement, Lock, LockedApplication, LockedPackage, PinSource } from './lock/lock.js';
export type { WheelFile } from './names/distribution-file.js';
export type { TargetEnvironment } from './names/target-environment.js';
export { isResolvable } from './resolve/check-target.js';
export { type LockOptions } from './resolve/lock-options.js';
export { lockReqset, type LockTools } from './resolve/lock-reqset.js';
export { newestVersions, type NewestVersion } from './resolve/newest.js';
export { parseProjectRequirements, type ProjectRequirements } from './resolve/project-requirements.js';
export { parsePyproject, readPyproject, type ProjectDescription, type Pyproject } from './resolve/source-tree.js';
export { Uv } from './uv/uv.js';
export { type IndexedWheel } from './index-pages/indexed-wheel.js';
export { FIND_LINKS, simplePages, type IndexPage } from './index-pages/pages.js';
export { parseSdistFileName, type SdistFileName } from './names/sdist-file-name.js';
export { callHook, canSandbox, type HookResult, type PreparedBuild } from './build/backend.js';
export { cacheFolder } from './build/cache-folder.js';
export { BuildEnvironments, type ProvideWheel } from './build/environment.js';
export { findInterpreter, type Interpreter } from './build/interpreter.js';
export { applyPatches, readLockedFile } from './build/patches.js';
export { readBuildSystem, type BuildSystem } from './build/project-files.js';
export { FIXED_FOLDER } from './build/sandbox.js';
export { unpackSdist } from './build/unpack-sdist.js';
export { parsePlatform, type Platform } from './names/platform.js';
export { wheelPattern } from './names/wheel-file-name.js';
export { buildWheel, type BuiltSource } from './build/build-wheel.js';
export { readCompilers } from './build/compilers.js';
export { digestSourceTree, mayCompile } from './build/source-tree-digest.js';
export { copySourceTree } from './build/copy-source-tree.js';
export { COMPILERS } from './build/compiler-names.js';
