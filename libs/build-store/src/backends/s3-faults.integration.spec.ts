// The errors for each fault of S3 and of the connection to it, with a real server behind a proxy that makes the faults.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWithS3, startFaultProxy, startS3, type Fault, type FaultProxy, type S3Server } from '@pinpack/testing';
import { collect, contentOf } from './backend.fixture.js';
import type { S3Backend } from './s3-backend.js';
import { HASTY_LIMITS, openS3, SHORT_LIMITS } from './s3-backend.fixture.js';

const CONTENT = contentOf(randomBytes(300_000));
const newPath = (): string => `v1/main/entries/nx/${randomUUID()}`;
const withText = (code: string, text: string) => ({ code, message: expect.stringContaining(text) as string });

describeWithS3('faults of S3', () => {
  let server: S3Server;
  let proxy: FaultProxy;
  let backend: S3Backend;
  let hasty: S3Backend;
  let folder: string;

  beforeAll(async () => {
    server = await startS3();
    proxy = await startFaultProxy(server.endpoint);
    // The first objects of a new server take it seconds.
    const patient = openS3(server.url(''), server.environment('writer'));
    await Promise.all(Array.from({ length: 8 }, () => patient.create(newPath(), CONTENT)));
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-s3-backend-'));
    backend = openS3(server.url('', proxy.endpoint), server.environment('writer'), SHORT_LIMITS);
    hasty = openS3(server.url('', proxy.endpoint), server.environment('writer'), HASTY_LIMITS);
  });
  afterEach(async () => {
    await proxy.heal();
    await rm(folder, { recursive: true });
  });

  const unreachable = 'STORE_UNREACHABLE';
  const invalid = 'STORE_ANSWER_INVALID';
  const everywhere: [Fault, string, string][] = [
    [{ kind: 'refuse' }, unreachable, 'ECONNREFUSED'],
    [{ kind: 'reset' }, unreachable, 'connection was lost'],
    [{ kind: 'hang' }, unreachable, 'no response in time'],
    [{ kind: 'status', status: 500, code: 'InternalError' }, unreachable, '500 InternalError'],
    [{ kind: 'status', status: 503, code: 'SlowDown' }, unreachable, '503 SlowDown'],
    [{ kind: 'status', status: 403, code: 'AccessDenied' }, 'STORE_FORBIDDEN', '403 AccessDenied'],
    [{ kind: 'status', status: 403, code: 'ExpiredToken' }, 'STORE_FORBIDDEN', 'have expired'],
    [{ kind: 'status', status: 404, code: 'NoSuchBucket' }, invalid, '404 NoSuchBucket'],
    [{ kind: 'status', status: 501, code: 'NotImplemented' }, invalid, 'conditional writes'],
    [{ kind: 'garbage' }, invalid, 'not HTTP'],
  ];

  it.each(everywhere)('%o', async (fault, code, message) => {
    const there = newPath();
    await backend.create(there, CONTENT);
    await proxy.fail(fault);
    const faulty = fault.kind === 'hang' ? hasty : backend;
    const expected = withText(code, message);
    await Promise.all([
      expect(faulty.download(there, join(folder, 'none'))).rejects.toMatchObject(expected),
      expect(faulty.read(there, CONTENT.size)).rejects.toMatchObject(expected),
      expect(faulty.create(newPath(), CONTENT)).rejects.toMatchObject(expected),
      expect(collect(faulty.list('v1/'))).rejects.toMatchObject(expected),
    ]);
    await proxy.heal();
    expect(await backend.download(there, join(folder, 'file'))).toMatchObject({ sha256: CONTENT.sha256 });
  });

  it.each<[Fault, string]>([
    [{ kind: 'cut', after: 100_000 }, 'connection was lost'],
    [{ kind: 'hang-in-body', after: 100_000 }, 'no response in time'],
    [{ kind: 'wrong-length', by: 1 }, 'no response in time'],
  ])('within a body: %o', async (fault, message) => {
    const there = newPath();
    await backend.create(there, CONTENT);
    const expected = withText(unreachable, message);
    await proxy.fail(fault, { when: ({ method }) => method === 'GET' });
    // The headers of the response come in time only with patience.
    const faulty = openS3(server.url('', proxy.endpoint), server.environment('writer'), {
      ...SHORT_LIMITS,
      stallMs: 300,
    });
    await expect(faulty.download(there, join(folder, 'file'))).rejects.toMatchObject(expected);
  });

  it.each<Fault>([
    { kind: 'cut', after: 100_000 },
    { kind: 'hang-in-body', after: 100_000 },
  ])('within an upload: %o, and no object is seen', async (fault) => {
    const notThere = newPath();
    await proxy.fail(fault);
    await expect(hasty.create(notThere, CONTENT)).rejects.toMatchObject({ code: unreachable });
    await proxy.heal();
    expect(await backend.stat(notThere)).toBeUndefined();
    expect(await backend.create(notThere, CONTENT)).toBe('created');
  });

  it('a bit that flips: a download reports its digest, an upload is sent again', async () => {
    const there = newPath();
    await proxy.fail({ kind: 'flip', at: 200_000 }, { times: 1 });
    expect(await backend.create(there, CONTENT)).toBe('created');
    expect(await backend.download(there, join(folder, 'good'))).toMatchObject({ sha256: CONTENT.sha256 });
    await proxy.fail({ kind: 'flip', at: 200_000 });
    const found = await backend.download(there, join(folder, 'bad'));
    expect(found?.size).toBe(CONTENT.size);
    expect(found?.sha256).not.toBe(CONTENT.sha256);
  });

  it('an upload whose bits flip every time', async () => {
    const notThere = newPath();
    await proxy.fail({ kind: 'flip', at: 200_000 });
    const created = backend.create(notThere, CONTENT);
    await expect(created).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
    await proxy.heal();
    expect(await backend.stat(notThere)).toBeUndefined();
  });

  it.each<Fault>([
    { kind: 'reset' },
    { kind: 'cut', after: 100_000 },
    { kind: 'status', status: 503, code: 'SlowDown' },
    { kind: 'status', status: 409, code: 'ConditionalRequestConflict' },
  ])('that pass: %o, once', async (fault) => {
    const there = newPath();
    await proxy.fail(fault, { times: 1 });
    expect(await backend.create(there, CONTENT)).toBe('created');
    await proxy.fail(fault, { times: 1 });
    const file = join(folder, 'file');
    expect(await backend.download(there, file)).toMatchObject({ sha256: CONTENT.sha256 });
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(CONTENT.sha256);
  });

  it('a server that freezes: the limits hold, and it goes on when the server does', async () => {
    const there = newPath();
    await backend.create(there, CONTENT);
    await server.freeze();
    const expected = withText(unreachable, 'no response in time');
    await expect(hasty.read(there, CONTENT.size))
      .rejects.toMatchObject(expected)
      .finally(() => {
        server.thaw();
      });
    expect(await backend.read(there, CONTENT.size)).toHaveLength(CONTENT.size);
  });

  it('a file that is sent and cannot be read is a fault of its own', async () => {
    const missing = { ...CONTENT, open: () => createReadStream(join(folder, 'missing')) };
    const expected = withText('STORE_LOCAL_FAILED', 'ENOENT');
    await expect(backend.create(newPath(), missing)).rejects.toMatchObject(expected);
  });
});
