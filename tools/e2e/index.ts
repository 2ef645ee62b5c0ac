/** The harness of the end-to-end tests: real rpm and dnf, in a root of their own. */
export {
  checkRequirements,
  createInstallRoot,
  makeRepository,
  type InstallRoot,
  type RunOptions,
} from 'pinpack/install-root';
export {
  describeFailure,
  readProgram,
  runProgram,
  type ProgramOptions,
  type ProgramResult,
} from '@pinpack/common/program';
export { HarnessError } from './harness-error.js';
export type { HarnessErrorCode } from './harness-error.js';
export { buildRpm } from './rpm-build.js';
export { rpmQuery, sha256File } from './rpm-query.js';
