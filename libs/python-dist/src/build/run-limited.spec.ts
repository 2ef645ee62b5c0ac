import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { planBuildPolicy } from './build-policy.js';
import { runLimited } from './run-limited.js';

it('measures no folder that has been removed', async () => {
  const removed = join(mkdtempSync(join(tmpdir(), 'limited-')), 'removed');
  const call = { program: '/bin/echo', words: ['built'], folders: { work: '/', environment: '/' } };
  const options = { cwd: '/', env: {}, limits: planBuildPolicy().limits, written: [removed], isSandboxed: false };
  const result = await runLimited(call, options);
  // A measurement can end after the build.
  await setTimeout(50);
  expect(result).toEqual({ failed: false, output: 'built' });
});
