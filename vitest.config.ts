import { defineConfig } from 'vitest/config';

// Specs run against the sources, not the compiled `dist`: the condition below is in every library's `exports`.
const resolve = { conditions: ['@pinpack/source'] };
const ssr = { resolve };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
          testTimeout: 60_000,
          // Hooks start servers, beside other specs that start theirs.
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['tools/e2e/**/*.e2e.ts'],
          globalSetup: ['tools/e2e/global-setup.ts'],
          // Each has minutes of real work; two at a time would only wait for each other on two cores.
          fileParallelism: false,
          testTimeout: 10 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
    ],
  },
});
