/** Commands of README and docs are run by a test, or say why not. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readBlocks } from '../docs/read-blocks.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Pages whose commands are run elsewhere, or cannot be run here. */
const WHOLE_PAGES: Readonly<Record<string, string>> = {
  'docs/applications.md': 'tools/e2e/applications.e2e.ts runs them on the examples',
  'docs/benchmarks.md': 'benchmarks run for minutes, and their numbers are of one machine',
  'docs/ci.md': 'tools/e2e/ci-shards.e2e.ts runs the pipeline; the rest needs GitHub, GitLab or AWS',
  'docs/deltas.md': 'tools/e2e/publish.e2e.ts upgrades by deltas; measurements run for minutes',
  'docs/errors.md': 'remedies of single errors',
  'docs/governance.md': 'governed-publication.spec.ts and the specs of audit run them with local data',
  'docs/images.md': 'tools/e2e/image.e2e.ts runs them; registries are examples',
  'docs/lock-messages.md': 'written by tools/lock-messages',
  'docs/patches.md': 'needs servers of several distributions',
  'docs/publishing.md': 'tools/e2e/publish.e2e.ts runs them with a bucket',
  'docs/python.md': 'needs a Python of its own; the end-to-end tests of bundled interpreters run them',
  'docs/real-sets.md': 'downloads gigabytes',
  'docs/remote-cache.md': 'tools/e2e/remote-cache.e2e.ts runs them with a store',
  'docs/repositories.md': 'tools/e2e/publish.e2e.ts runs them',
  'docs/reports.md': 'the specs of reports run them',
  'docs/security.md': 'commands of an administrator',
  'docs/selinux.md': 'needs a host with SELinux; tools/selinux/check-module.sh checks the labels',
  'docs/services.md': 'needs systemd; tools/e2e/services.e2e.ts boots one',
  'docs/smoke.md': 'tools/e2e/applications.e2e.ts runs them',
  'docs/source-builds.md': 'tools/e2e/source-builds.e2e.ts runs them; builds take minutes',
  'docs/store-s3.md': 'needs accounts of AWS or other servers',
  'docs/store-server.md': 'needs systemd, containers or certificates',
  'docs/support.md': 'needs other distributions',
  'docs/updates.md': 'needs Renovate or Dependabot',
  'docs/wheel-rpms.md': 'tools/e2e/install.e2e.ts runs them',
};

const pages = ['README.md', ...readdirSync(`${ROOT}docs`).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

test('every block of commands is run, or has a reason', () => {
  const without = pages
    .filter((page) => !(page in WHOLE_PAGES))
    .flatMap((page) => {
      const blocks = readBlocks(readFileSync(`${ROOT}${page}`, 'utf8'));
      return blocks
        .filter(({ isRun, reason }) => !isRun && reason === undefined)
        .map(({ line }) => `${page}:${String(line)}: mark the block "run", or write <!-- not run: why --> above it`);
    });
  expect(without).toEqual([]);
});
