import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithS3 } from './describe-s3.js';
import { S3_BUCKET, startS3, type S3RoleName, type S3Server } from './s3-server.js';

describeWithS3('the S3 server of the tests', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  async function put(role: S3RoleName, key: string): Promise<string> {
    const { endpoint } = server;
    const credentials = server.credentials(role);
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    try {
      await client.send(new PutObjectCommand({ Bucket: S3_BUCKET, Key: key, Body: role }));
      const { Body } = await client.send(new GetObjectCommand({ Bucket: S3_BUCKET, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      return error instanceof Error ? error.name : '';
    } finally {
      client.destroy();
    }
  }

  it('gives its roles different rights', async () => {
    expect(await put('writer', 'a/key')).toBe('writer');
    expect(await put('reader', 'a/key')).toBe('AccessDenied');
    expect(await put('pullRequest', 'team/v1/main/key')).toBe('AccessDenied');
    expect(await put('pullRequest', 'team/v1/branch/b/key')).toBe('pullRequest');
  });

  it('answers nothing while it is frozen', async () => {
    await server.freeze();
    try {
      await expect(fetch(server.endpoint, { signal: AbortSignal.timeout(300) })).rejects.toThrow('timeout');
    } finally {
      server.thaw();
    }
    expect((await fetch(`${server.endpoint}/healthz`)).status).toBe(200);
  });
});
