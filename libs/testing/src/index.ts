/** Fixtures that the specs of several packages and the end-to-end tests share. Private: read from the sources, never published. */
export { bundleCompiled } from './bundle-compiled.js';
export { buildElf, type ElfShape } from './build-elf.js';
export { describeWithS3 } from './describe-s3.js';
export { fuzz, fuzzOptions, fuzzParameters, fuzzRuns, mutate, mutatedCase } from './fuzz.js';
export { startFaultProxy, type FaultProxy, type Occasion, type SeenRequest } from './fault-proxy.js';
export type { Fault } from './fault.js';
export { folderFaults } from './folder-ownership.js';
export {
  attempt,
  attemptSync,
  describeWith,
  needProgram,
  run,
  runForBytes,
  temporaryFolder,
  type Attempt,
  type Needs,
} from './programs.js';
export { askPackaging, askPython, installedPythons, packagingPython } from './pythons.js';
export { drawCases, seededRandom, type Random } from './random.js';
export {
  S3_BUCKET,
  S3_IS_MISSING,
  S3_SHARED_PREFIX,
  startS3,
  type S3RoleName,
  type S3Server,
  type S3ServerOptions,
} from './s3-server.js';
export { readSboms, SBOM_READERS_ARE_MISSING, type ReadComponent, type ReadSboms } from './sbom-readers.js';
export { makeSmallRoot, ROOT_MACRO, smallRootProblem, type SmallRoot } from './small-root.js';
export { rejected, thrown } from './thrown.js';
export { startWebFront, type WebFront } from './web-front.js';
