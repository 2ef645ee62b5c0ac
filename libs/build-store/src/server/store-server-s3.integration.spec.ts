import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf, describeBackend } from '../backends/backend.fixture.js';
import { HttpBackend } from '../backends/http-backend.js';
import { openS3 } from '../backends/s3-backend.fixture.js';
import { describeWithS3, startS3, type S3RoleName, type S3Server } from '@pinpack/testing';
import { NxClient } from './nx-client.fixture.js';
import { startServerForAll, type RunningServer } from './server.fixture.js';

describeWithS3('a server before a bucket', () => {
  let s3: S3Server;
  const servers: RunningServer[] = [];
  const start = async (role: S3RoleName): Promise<RunningServer> => {
    const running = await startServerForAll({ backend: openS3(s3.url(randomUUID()), s3.environment(role)) });
    servers.push(running);
    return running;
  };

  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(async () => {
    await Promise.all(servers.map((running) => running.close()));
    await s3.stop();
  });

  describeBackend('a server before S3', async () => {
    const { url, tokens } = await start('writer');
    return new HttpBackend({ kind: 'http', url }, tokens.maintain);
  });

  it('without write permission is read-only for writers, and serves readers', async () => {
    const { url, tokens } = await start('reader');
    expect(await new NxClient(url, tokens.write).put('1', 'archive')).toBe('refused');
    expect(await new NxClient(url, tokens.write).get('1')).toBeUndefined();
    const backend = new HttpBackend({ kind: 'http', url }, tokens.write);
    const create = backend.create('v1/main/x', contentOf('x'));
    await expect(create).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  // The last: nothing thaws it.
  it('that does not respond is a miss and a refusal for Nx, queried once, and not ready', async () => {
    const { url, tokens } = await start('writer');
    const nx = new NxClient(url, tokens.write);
    expect(await nx.put('1', 'archive')).toBe('stored');
    await s3.freeze();
    expect(await nx.get('1')).toBeUndefined();
    // Had it been asked each time, these would take longer than a test may.
    for (let count = 0; count < 20; count += 1) expect(await nx.get('1')).toBeUndefined();
    expect(await nx.put('2', 'archive')).toBe('refused');
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});
