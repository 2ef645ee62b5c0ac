// Publishes through faults of S3 and of the network: transient ones are retried, others are reported, and readers always see complete publications.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseStoreUrl } from '@pinpack/build-store';
import { describeWithS3, startFaultProxy, startS3, type Fault, type FaultProxy, type S3Server } from '@pinpack/testing';
import { Publications } from './publications.js';
import { filesOf, readWhole, URL_OF_READERS } from './publications.fixture.js';
import { S3Target } from './s3-target.js';

const SHORT = { connectMs: 2000, answerMs: 2000, storedMs: 2000, stallMs: 2000, credentialsMs: 2000, attempts: 3 };
const SLOW_DOWN: Fault = { kind: 'status', status: 503, code: 'SlowDown' };

describeWithS3('publishing through faults', () => {
  let server: S3Server;
  let proxy: FaultProxy;
  let publications: Publications;
  let reader: Publications;
  let scratch: string;
  let label: string;

  function open(endpoint: string, limits = {}): Publications {
    const location = parseStoreUrl(server.url('published', endpoint));
    if (location.kind !== 's3') throw new Error('no bucket');
    return new Publications(new S3Target(location, { environment: server.environment('writer'), limits }));
  }
  const publish = (contents: Record<string, string>) =>
    publications.publish({ label, files: filesOf(contents), url: URL_OF_READERS });
  const contentsOf = (round: number) => ({
    same: 'x'.repeat(9000),
    'packages/a.rpm': `a${round}`,
    'repodata/b': `b${round}`,
  });

  beforeAll(async () => {
    server = await startS3();
    proxy = await startFaultProxy(server.endpoint);
    reader = open(server.endpoint);
    // A new server takes seconds for its first objects.
    await reader.write('warm', filesOf(Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`${index}`, 'x']))));
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'pinpack-scratch-'));
    label = `set-${randomUUID()}`;
    publications = open(proxy.endpoint, SHORT);
    await publish(contentsOf(0));
  });
  afterEach(async () => {
    await proxy.heal();
    await rm(scratch, { recursive: true, force: true });
  });

  /** Matches all requests from the given one on, counted from 1. */
  function from(number: number): () => boolean {
    let seen = 0;
    return () => ++seen >= number;
  }

  /** Number of requests that publishing takes. */
  async function countRequests(): Promise<number> {
    const before = proxy.requests.length;
    await publish(contentsOf(-1));
    return proxy.requests.length - before;
  }

  it.each<Fault>([{ kind: 'reset' }, SLOW_DOWN, { kind: 'cut', after: 1 }])(
    '%o, once at every request: everything is published',
    async (fault) => {
      const count = await countRequests();
      expect(count).toBeGreaterThan(15);
      for (let step = 1; step <= count; step += 2) {
        await proxy.fail(fault, { times: 1, when: from(step) });
        const { id, isLatest } = await publish(contentsOf(step));
        expect(isLatest).toBe(true);
        expect(await readWhole(reader, label, scratch)).toBe(id);
        await reader.retire({ label, keep: 1, now: new Date(Date.now() + 7_200_000) });
      }
    },
  );

  it.each<Fault>([{ kind: 'reset' }, SLOW_DOWN, { kind: 'refuse' }])(
    '%o, from one request on: publishing fails, readers see the previous publication, and the next run resumes',
    async (fault) => {
      const count = await countRequests();
      for (let step = 2; step < count; step += 4) {
        const before = await reader.latest(label);
        const atStep = from(step);
        if (fault.kind === 'refuse') await proxy.fail({ kind: 'reset' }, { when: atStep });
        else await proxy.fail(fault, { when: atStep });
        const failed = publish(contentsOf(step));
        await expect(failed).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
        if (fault.kind === 'refuse') {
          await proxy.fail(fault);
          await expect(publications.list(label)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
        }
        const seen = await readWhole(reader, label, scratch);
        await proxy.heal();
        const { id, uploaded, copied, present } = await publish(contentsOf(step));
        expect([before, id]).toContain(seen);
        expect([0, 3]).toContain(uploaded + copied + present);
        expect(await readWhole(reader, label, scratch)).toBe(id);
        await reader.retire({ label, keep: 1, now: new Date(Date.now() + 7_200_000) });
      }
    },
  );

  it('a slow connection', async () => {
    await proxy.fail({ kind: 'slow', bytesPerSecond: 100_000 });
    const { id } = await publish({ ...contentsOf(1), large: 'l'.repeat(100_000) });
    expect(await readWhole(reader, label, scratch)).toBe(id);
  });

  it('a flipped bit is uploaded again; repeated ones are reported, and never visible', async () => {
    const isBody = ({ method, path }: { method: string; path: string }) => method === 'PUT' && path.includes('large');
    await proxy.fail({ kind: 'flip', at: 500 }, { times: 1, when: isBody });
    const first = await publish({ large: 'l'.repeat(10_000) });
    expect(await readWhole(reader, label, scratch)).toBe(first.id);
    await proxy.fail({ kind: 'flip', at: 500 }, { when: isBody });
    await expect(publish({ large: 'm'.repeat(10_000) })).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
    expect(await readWhole(reader, label, scratch)).toBe(first.id);
  });

  it('an outage of a second is retried', async () => {
    publications = open(proxy.endpoint);
    await proxy.fail({ kind: 'refuse' });
    const published = publish(contentsOf(1));
    setTimeout(() => void proxy.heal(), 1000);
    expect(await readWhole(reader, label, scratch)).not.toBe((await published).id);
    expect(await readWhole(reader, label, scratch)).toBe((await published).id);
  });

  it('a server without conditional writes is reported', async () => {
    await proxy.fail(
      { kind: 'status', status: 501, code: 'NotImplemented' },
      { when: ({ headers }) => headers['if-match'] !== undefined },
    );
    await expect(publish(contentsOf(1))).rejects.toThrow('conditional writes');
  });

  it('a missing permission is named', async () => {
    const denied: Fault = { kind: 'status', status: 403, code: 'AccessDenied' };
    for (const [method, right] of [
      ['DELETE', 's3:DeleteObject'],
      ['PUT', 's3:PutObject'],
      ['GET', 's3:GetObject'],
    ] as const) {
      await proxy.fail(denied, { when: (request) => request.method === method && !request.path.includes('list-type') });
      const attempt = method === 'DELETE' ? publications.removeChanging(label, ['x']) : publish(contentsOf(1));
      await expect(attempt).rejects.toThrow(`expected credentials with the permission ${right}`);
    }
    await proxy.fail(denied, { when: ({ path }) => path.includes('list-type') });
    await expect(publications.ids(label)).rejects.toThrow('expected credentials with the permission s3:ListBucket');
  });
});
