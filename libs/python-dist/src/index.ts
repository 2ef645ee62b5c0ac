/** Public interface of python-dist: wheels, metadata, versions, requirements, locks, package indexes, builds. Independent of RPM and Nx. */
export { DistError, type DistErrorCode, type DistIssue } from './dist-error.js';
export { readZipTexts, type ZipText } from './files/zip-texts.js';
export { isValidName, normalizeName } from './names/normalize-name.js';
export { formatPublicVersion, parseVersion, type Version } from './pep440/version.js';
export { compareVersions } from './pep440/version-compare.js';
export { parseSpecifierSet, satisfies, type Specifier } from './pep440/specifier.js';
export { parseRequirement } from './requirements/requirement.js';
export {
  parseRequirementsFile,
  parseRequirementsFileWithOptions,
  type OptionLine,
} from './requirements/requirements-file.js';
export { nameTargets, readRequirements, type ReadRequirements } from './resolve/read-requirements.js';
export { decodeText } from './requirements/decode-text.js';
export { localTrees } from './resolve/direct-requirements.js';
export { isWheelOf, parseWheelFileName } from './names/wheel-file-name.js';
export { parseMetadata, type Metadata } from './wheel/metadata.js';
export { formatRecord } from './wheel/record.js';
export { openWheel, type Wheel, type WheelContent } from './wheel/wheel.js';
export { readInstalledFacts, type InstalledFacts } from './wheel/installed-facts.js';
export { findOverlaps, type InstalledPin, type Overlap } from './wheel/find-overlaps.js';
export { withExactRecord, type ExactResult } from './wheel/exact-record.js';
export { type WheelEntry } from './zip/zip-files.js';
export {
  CanonicalWheelDigest,
  canonicalWheelSize,
  CanonicalWheelEncoder,
  encodeCanonicalWheel,
  readContents,
} from './wheel/canonical-wheel.js';
export { readIndexConfiguration, type ConfiguredIndex } from './index/index-configuration.js';
export { IndexClient, type OnBytes } from './index/index-client.js';
export { type IndexAssignments } from './index/index-assignments.js';
export { DEFAULT_LIMITS, NO_WHEEL_LIMITS, type Limits, type WheelLimits } from './limits/limits.js';
export { type BuildRecipe, type BuildSettings, type WorkspaceFile } from './lock/build-recipe.js';
export {
  inputsDigest,
  INTERPRETER_PARTS,
  recordInputs,
  type InterpreterInput,
  type InterpreterPart,
  type InterpreterRecipe,
  type LockInputs,
  type SourceTree,
  type WrittenRequirement,
} from './lock/inputs.js';
export { describeStaleness, type InputFiles } from './lock/staleness.js';
export { applicationsOf, formatApplication, type Application, type ClosureMember } from './lock/application.js';
export { carriesBytecode, isLayout, LAYOUTS, type Layout } from './lock/layout.js';
export { type ForeignLock } from './lock/foreign/foreign-lock.js';
export { parseForeignLock } from './lock/foreign/parse-foreign-lock.js';
export { closureOf, minorVersion, plainVersion } from './lock/closure.js';
export {
  bundledPythonDigest,
  bundledPythonOf,
  formatBundledPython,
  type BundledPython,
} from './lock/bundled-python.js';
export { formatPin, pinDigest, pinsOf, type Pin } from './lock/pin.js';
export { formatPylock, parsePylock } from './lock/pylock.js';
export type { BuildRequirement, Lock, LockedInterpreter, LockedPackage, PinSource } from './lock/lock.js';
export type { WheelFile } from './names/distribution-file.js';
export type { TargetEnvironment } from './names/target-environment.js';
export { isResolvable } from './resolve/check-target.js';
export { type LockOptions } from './resolve/lock-options.js';
export { findPinOverlaps, rememberInstalled, type OverlapRequest, type PinOverlaps } from './resolve/pin-overlaps.js';
export { lockReqset, type LockTools } from './resolve/lock-reqset.js';
export { type LicenseFields } from './resolve/requires-dist.js';
export { newerVersions, newestVersions, type NewestVersion } from './resolve/newest.js';
export { parseProjectRequirements } from './resolve/project-requirements.js';
export {
  parsePyproject,
  readPyproject,
  readSourceTree,
  type ProjectDescription,
  type Pyproject,
} from './resolve/source-tree.js';
export { Uv } from './uv/uv.js';
export { type IndexedWheel } from './index-pages/indexed-wheel.js';
export { simplePages } from './index-pages/pages.js';
export { findSandbox } from './build/find-sandbox.js';
export { checkSystem } from './build/system-requirements.js';
export { planBuildPolicy, type BuildPolicy, type BuildSettingsOfPlugin } from './build/build-policy.js';
export { unsandboxedWarning } from './build/unsandboxed.js';
export { cacheFolder } from './build/cache-folder.js';
export { BuildEnvironments, type Builder } from './build/environment.js';
export { installFolders, pythonFolders } from './build/python-folders.js';
export { findInterpreter, type Interpreter } from './build/interpreter.js';
export { openBuilt, type BuiltRequest } from './interpreter/built-interpreters.js';
export {
  fetchArchive,
  openInterpreter,
  unpackInterpreter,
  type InterpreterTools,
} from './interpreter/unpack-interpreter.js';
export { locateInterpreter } from './interpreter/locate-interpreter.js';
export { readLockedFile } from './build/patches.js';
export { parsePlatform, tryParsePlatform } from './names/platform.js';
export { wheelPattern } from './names/wheel-file-name.js';
export { buildWheel, type BuiltSource } from './build/build-wheel.js';
export { readCompilers } from './build/compilers.js';
export { digestSourceTree, mayCompile } from './build/source-tree-digest.js';
export { rootMounts, type BuildRoot } from './build/build-root.js';
export { findRootInterpreter, type RootBuilder } from './build/root-interpreter.js';
export { copySourceTree } from './build/copy-source-tree.js';
export { COMPILERS } from './build/compiler-names.js';
