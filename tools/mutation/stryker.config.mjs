// Options of Stryker, for one file at a time: mutate.mjs sets the file and its specs.
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  // Each test runner takes a processor.
  concurrency: 1,
  incremental: true,
  incrementalFile: process.env.PINPACK_MUTATION_RESULT,
  // The result file has everything that mutate.mjs prints.
  reporters: [],
  allowConsoleColors: false,
  tempDirName: 'tmp/mutation/sandbox',
  // Packages are linked into node_modules, so that specs find tools of the workspace itself.
  ignorePatterns: [
    'dist',
    'tmp',
    '.nx',
    '.venv',
    '.venv-test',
    'site',
    'docs/images',
    'tools/mutation/node_modules',
    'reqsets',
  ],
  // Some mutants loop for ever; programs that specs start are slow on a busy machine.
  timeoutMS: 10_000,
  timeoutFactor: 2,
};
