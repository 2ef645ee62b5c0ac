import { describe, expect, test } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { contentOf } from '../backends/backend.fixture.js';
import { entryPath, leasePrefix } from '../names/object-keys.js';
import { Leases, type LeaseLimits } from './leases.js';
import { FaultyBackend, newFolder } from './store.fixture.js';

const QUICK: LeaseLimits = { expiryMs: 400, renewalMs: 50, pollMs: 10, longestWaitMs: 30_000, requestMs: 5_000 };

async function open(limits: Partial<LeaseLimits> = {}) {
  const backend = new FaultyBackend(new FolderBackend(await newFolder()));
  const leases = (): Leases => new Leases(backend, 'main', { ...QUICK, ...limits });
  return { backend, leases, made: () => backend.create(entryPath('main', 'wheel', 'k'), contentOf('record')) };
}

describe('Leases', () => {
  test('one of several runs makes an entry, and the others wait for it', async () => {
    const { leases, made } = await open();
    let makers = 0;
    const run = async () => {
      const lease = await leases().take('wheel', 'k');
      if (!lease.hasWaited) {
        makers++;
        await new Promise((resolve) => setTimeout(resolve, 100));
        await made();
      }
      await lease.release('made');
      return lease.hasWaited;
    };
    const waited = await Promise.all(Array.from({ length: 5 }, run));
    expect(makers).toBe(1);
    expect(waited.filter(Boolean)).toHaveLength(4);
  });

  test('a failed run gives the lease up, and the next one has a lease of its own', async () => {
    const { leases, backend } = await open({ expiryMs: 60_000 });
    const first = await leases().take('wheel', 'k');
    const second = leases().take('wheel', 'k');
    await first.release('failed');
    const lease = await second;
    expect(lease.hasWaited).toBe(true);
    expect(backend.calls.at(-1)).toContain(`${leasePrefix('main', 'wheel', 'k')}1-0`);
    await lease.release('failed');
  });

  test('tryTake does not wait', async () => {
    const { leases } = await open();
    const first = await leases().tryTake('wheel', 'k');
    expect(first?.hasWaited).toBe(false);
    expect(await leases().tryTake('wheel', 'k')).toBeUndefined();
    await first?.release('failed');
  });

  test('the lease of a killed run expires', async () => {
    const { leases } = await open({ renewalMs: 60_000 });
    await leases().take('wheel', 'k');
    const lease = await leases().take('wheel', 'k');
    expect(lease.hasWaited).toBe(true);
    await lease.release('failed');
  });

  test('renewals keep a lease, beyond the time in which it expires', async () => {
    const { leases, made } = await open();
    const first = await leases().take('wheel', 'k');
    let isHeld = true;
    const second = leases()
      .take('wheel', 'k')
      .then(() => isHeld);
    await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.expiryMs));
    isHeld = false;
    await made();
    expect(await second).toBe(false);
    await first.release('made');
  });

  test('a run waits no longer than the limit', async () => {
    const { leases } = await open({ longestWaitMs: 50 });
    const first = await leases().take('wheel', 'k');
    expect((await leases().take('wheel', 'k')).hasWaited).toBe(true);
    await first.release('made');
  });

  test.each(['create', 'stat'] as const)(
    'a store that fails at %s gives no lease, and does not fail the run',
    async (method) => {
      const { leases, backend } = await open();
      if (method === 'stat') await leases().take('wheel', 'k');
      backend.fail('STORE_UNREACHABLE', method);
      const own = leases();
      expect((await own.take('wheel', 'k')).hasWaited).toBe(false);
      const calls = backend.calls.length;
      expect((await own.take('wheel', 'other')).hasWaited).toBe(false);
      expect(backend.calls).toHaveLength(calls);
    },
  );
});
