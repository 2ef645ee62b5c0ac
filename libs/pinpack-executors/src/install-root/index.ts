/** `pinpack/install-root`: a separate root in which the real dnf and rpm install, run and remove RPMs. */
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
