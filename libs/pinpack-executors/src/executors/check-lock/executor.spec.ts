import { afterEach, expect, test, vi } from 'vitest';
import checkLock from './executor.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('fails with the problem', async () => {
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  expect(await checkLock({ problem: 'stale' })).toEqual({ success: false });
  expect(printed.mock.calls).toEqual([['stale']]);
});

test('warns if stale locks are allowed', async () => {
  vi.stubEnv('PINPACK_STALE_LOCK', 'allow');
  const printed = vi.spyOn(console, 'warn').mockReturnValue();
  expect(await checkLock({ problem: 'stale' })).toEqual({ success: true });
  expect(printed.mock.calls).toEqual([['warning: stale']]);
});
