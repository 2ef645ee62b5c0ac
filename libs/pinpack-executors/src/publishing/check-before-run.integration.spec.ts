import { describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPublishing, checkRepositoryTools } from './check-before-run.js';
import { describeIndex } from './probe-index.js';

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
    await expect(check(missing, server.environment('admin'))).rejects.toThrow(
      /no-such-bucket[^]*the bucket does not exist[^]*"publish": \{ "to"/,
    );
    const wrong = { ...server.environment('writer'), AWS_SECRET_ACCESS_KEY: 'wrong' };
    await expect(check(server.url('published'), wrong)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
  });
});

describe('without a server', () => {
  const to = 's3://our-bucket/pub?endpoint=http%3A%2F%2F127.0.0.1%3A9&pathStyle=true&region=us-east-1';
  const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', PINPACK_PUBLISH: to };

  test.each([checkPublishing, checkRepositoryTools])('%o names the endpoint and the setting', async (check) => {
    const checking = check({ publish: { url: 'https://rpms.example.com' } }, environment);
    await expect(checking).rejects.toThrow(
      /our-bucket\/pub: no server listens there \(ECONNREFUSED\)\n.*http:\/\/127\.0\.0\.1:9\n.*PINPACK_PUBLISH/,
    );
  });

  test('a missing key file stops repo before its tasks', async () => {
    const key = { PINPACK_SIGN_KEY_FILE: '/nowhere/key.asc' };
    await expect(checkRepositoryTools({}, key)).rejects.toThrow(/^\/nowhere\/key\.asc: the key file does not exist/);
  });
});

describe('the index for pip', () => {
  test.each([
    [{ '/demo/simple/': 200 }, [/--index-url http.*\/demo\/simple\//]],
    [{ '/demo/simple/': 403, '/demo/find-links.html': 200 }, [/answers 403/, /--find-links http.*find-links\.html/]],
    [{ '/demo/simple/': 404, '/demo/find-links.html': 403 }, [/answers 404/, /is not served either/]],
  ] as [Record<string, number>, RegExp[]][])('of a server that answers %j', async (answers, expected) => {
    const server = createServer((request, response) => response.writeHead(answers[request.url ?? ''] ?? 500).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const lines = await describeIndex('demo', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    expect(lines).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
  });

  test('of a server that is not reached, and of a folder, is not judged', async () => {
    expect(await describeIndex('demo', 'http://127.0.0.1:9')).toEqual([]);
    expect(await describeIndex('demo', 'file:///srv/pub')).toEqual([]);
  });
});
