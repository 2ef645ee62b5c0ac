// The specs of one mutated file. Stryker runs this configuration in its copy of the repository.
import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@pinpack/source'] };

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    include: (process.env.PINPACK_MUTATION_SPECS ?? 'libs/*/src/**/*.spec.ts').split(','),
    setupFiles: ['tools/restore-process.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
