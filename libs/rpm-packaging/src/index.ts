/** The code that determines the bytes of wheel RPMs, application RPMs and images. Knows no Nx. The code digests cover the import closures of `outputs/`. */
export * from './outputs/application-rpm.js';
export * from './outputs/image.js';
export * from './outputs/python-rpm.js';
export * from './outputs/runtime-rpm.js';
export * from './outputs/source-build.js';
export * from './outputs/wheel-rpm.js';
export { type ApplicationRequest, applicationRequestDigest } from './application-rpm/application-request.js';
export { applicationUnitNames } from './application-rpm/application-units.js';
export { FLEETS, refusedFleet, type Fleet } from './names/fleets.js';
export {
  type ApplicationSettings,
  deliveredFiles,
  type Fill,
  parseApplicationSettings,
  type SmokeSettings,
} from './application-rpm/application-settings.js';
export { namedCommands, type NamedCommand } from './application-rpm/environment-commands.js';
export { imageSettingsDigest } from './application-rpm/image-settings.js';
export {
  applicationRpmKey,
  type BuiltFrom,
  pythonRpmKey,
  type SourceBuildInputs,
  sourceBuildKey,
  wheelRpmKey,
} from './cache-keys/cache-keys.js';
export { codeDigest, codeDigests, type CodeDigests, type Output } from './cache-keys/code-digest.js';
export { type ApplicationRpms } from './image/application-rpms.js';
export { checkPrograms } from './image/image-environment.js';
export { readRpmFacts, readWheelEntries, type RpmFacts } from './image/rpm-entries.js';
export {
  compressionOf,
  type CompressionSettings,
  DEFAULT_COMPRESSION,
  FLEET_NAMES,
  lockedCompression,
} from './names/payload-compression.js';
export { applicationRpmFileName, pythonRpmFileName, rpmFileName, rpmPattern } from './names/rpm-file-name.js';
export { applicationProject, namesSet, RUNTIME, setLabel, setsOf, splitSet, wheelProject } from './names/rpm-names.js';
export { formatRpmEvr, formatVersionRelease } from './names/rpm-version.js';
export { PackagingError } from './packaging-error.js';
export { checkInterpreter } from './python-rpm/pack-python-rpm.js';
export { pythonProject } from './names/python-names.js';
export { DNF_PLUGIN, WHEELHOUSE } from './runtime-rpm/plan-runtime-rpms.js';
export { readRuntimeVersion } from './runtime-rpm/runtime-source.js';
export { readBytecodeCompiler } from './wheel-rpm/bytecode-compiler.js';
export { type CanonicalFacts, formatCanonicalFacts, parseCanonicalFacts } from './wheel-rpm/canonical-facts.js';
export { findPython } from './wheel-rpm/find-python.js';
export { folderEntries, wheelRpmPaths } from './wheel-rpm/wheel-rpm-paths.js';
export { repairWarning } from './wheel-rpm/confirm-repair.js';
