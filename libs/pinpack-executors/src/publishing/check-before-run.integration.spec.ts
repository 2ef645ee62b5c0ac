import { describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPublishing } from './check-before-run.js';

describeWithS3('the settings of publish', () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await startS3();
  });

  afterAll(() => server.stop());

  function check(to: string, environment: Record<string, string> = server.environment('writer')): Promise<void> {
    return checkPublishing({ publish: { to, url: 'https://rpms.example.com' } }, environment);
  }

  test('are accepted with a bucket that can be read', async () => {
    await check(server.url('published'));
  });

  test('name a bucket that does not exist, and credentials that are refused', async () => {
    const missing = server.url('published').replace('pinpack-test', 'no-such-bucket');
    await expect(check(missing, server.environment('admin'))).rejects.toThrow(/no-such-bucket[^]*bucket/);
    const wrong = { ...server.environment('writer'), AWS_SECRET_ACCESS_KEY: 'wrong' };
    await expect(check(server.url('published'), wrong)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
  });
});
