/** A root of its own in which RPMs are installed, run and removed by the real dnf and rpm: `pinpack/install-root`. */
export { createInstallRoot, type InstallRoot, type RunOptions } from './install-root.js';
export {
  describeFailure,
  readProgram,
  runProgram,
  type ProgramOptions,
  type ProgramResult,
} from '@pinpack/common/program';
export { makeRepository, type RepositoryOptions } from './repository.js';
export { checkRequirements } from './requirements.js';
