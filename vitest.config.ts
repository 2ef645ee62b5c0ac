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
        test: { name: 'unit', include: ['libs/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
