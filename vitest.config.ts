import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';
import { defineConfig } from 'vitest/config';
import TestOrder from './tools/test-order.js';

// Specs run against the sources, not the compiled `dist`: the condition below is in every library's `exports`.
const resolve = { conditions: ['@pinpack/source'] };
const ssr = { resolve };

// Specs that start servers, sandboxes or many programs.
const INTEGRATION = ['libs/*/src/**/*.integration.spec.ts', 'tools/**/*.integration.spec.ts'];
// Specs that replace modules of Node, which only works in a process that has not loaded them yet.
const MOCKING = ['libs/*/src/**/{disk,file}-faults.spec.ts'];

// uv asks every Python on PATH, and a shim of pyenv takes 0.2 s to answer that its version is not selected.
process.env.PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.endsWith('/shims'))
  .join(delimiter);

// Two more than there are processors: the tests wait for servers, downloads and time limits too. All projects share the workers.
const maxWorkers = availableParallelism() + 2;

const timeouts = {
  maxWorkers,
  testTimeout: 60_000,
  // Hooks start servers, beside other specs that start theirs.
  hookTimeout: 120_000,
};

const shared = {
  ...timeouts,
  // Starting a process and loading every module again for each file took longer than most of the files.
  isolate: false,
  setupFiles: ['tools/restore-process.ts'],
};

export default defineConfig({
  test: {
    sequence: { sequencer: TestOrder },
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
          exclude: [...INTEGRATION, ...MOCKING],
          ...shared,
        },
      },
      { resolve, ssr, test: { name: 'integration', include: INTEGRATION, ...shared } },
      {
        resolve,
        ssr,
        test: { name: 'mocking', include: MOCKING, ...timeouts },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['tools/e2e/**/*.e2e.ts'],
          globalSetup: ['tools/e2e/global-setup.ts'],
          setupFiles: ['tools/e2e/await-built.ts'],
          maxWorkers,
          testTimeout: 10 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
    ],
  },
});
