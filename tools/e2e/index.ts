/** The harness of the end-to-end tests: real rpm and dnf, in a root of their own. */
export { HarnessError } from './harness-error.js';
export type { HarnessErrorCode } from './harness-error.js';
export { hostShim } from './host-shim.js';
export { createInstallRoot } from './install-root.js';
export type { InstallRoot, RunOptions } from './install-root.js';
export { describeFailure, readProgram, runProgram } from './program.js';
export type { ProgramOptions, ProgramResult } from './program.js';
export { makeRepository } from './repository.js';
export { checkRequirements } from './requirements.js';
export { buildRpm } from './rpm-build.js';
export { rpmQuery, sha256File } from './rpm-query.js';
