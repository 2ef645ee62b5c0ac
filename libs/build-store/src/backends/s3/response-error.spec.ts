import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseStoreUrl } from '../../names/store-url.js';
import { collect, contentOf } from '../backend.fixture.js';
import { openS3 } from '../s3-backend.fixture.js';
import { S3_LIMITS } from './limits.js';
import { S3Connection } from './connection.js';
import { parseErrorResponse, storeErrorOf } from './response-error.js';
import { copyObject } from './copy-object.js';

const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
const HTML = '<html><body><h1>Gateway of the company</h1></body></html>';
const SLOW_DOWN = '<?xml version="1.0"?>\n<Error><Code>SlowDown</Code><Message>a &lt;b&gt;</Message></Error>';

describe('parseErrorResponse', () => {
  it.each([
    ['an error document', SLOW_DOWN, '503 SlowDown'],
    [
      'an error document with a namespace',
      SLOW_DOWN.replace('<Error>', '<Error xmlns="http://s3/doc">'),
      '503 SlowDown',
    ],
    ['no document', '', '503'],
    ['HTML', HTML, '503'],
    ['a truncated document', SLOW_DOWN.slice(0, 60), '503'],
    ['a code that is none', '<Error><Code>\u001b[31m secret</Code></Error>', '503'],
    ['a nested code', '<Error><Detail><Code>Inner</Code></Detail></Error>', '503'],
  ])('reads the code of %s', (_name, document, message) => {
    expect(parseErrorResponse(503, {}, document).message).toBe(message);
  });

  it('reads the region of the bucket, which the message names', () => {
    const error = parseErrorResponse(301, { 'x-amz-bucket-region': 'eu-west-1' }, '');
    expect(storeErrorOf('s3://b', error)).toMatchObject({
      code: 'STORE_ANSWER_INVALID',
      message: 's3://b: 301: the bucket is in eu-west-1. Add region=eu-west-1 to its URL',
    });
  });
});

describe('a server that is not S3', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function serve(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `s3://bucket?pathStyle=true&endpoint=http%3A%2F%2F127.0.0.1%3A${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ['HTML', HTML],
    ['text', 'hello'],
    ['nothing', ''],
    ['other XML', '<?xml version="1.0"?><ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>'],
  ])('has no empty listing when it answers 200 with %s', async (_name, body) => {
    const backend = openS3(await serve(200, body), ENVIRONMENT, { attempts: 1 });
    await expect(collect(backend.list('v1/'))).rejects.toMatchObject({ code: 'STORE_ANSWER_INVALID' });
  });

  it.each([
    [502, 'STORE_UNREACHABLE', '502'],
    [403, 'STORE_FORBIDDEN', '403\n'],
    [400, 'STORE_ANSWER_INVALID', '400\n'],
  ])('gives each request the error of its status %i', async (status, code, text) => {
    const backend = openS3(await serve(status, HTML), ENVIRONMENT, { attempts: 1 });
    const expected = { code, message: expect.stringContaining(`s3://bucket: ${text}`) as string };
    await expect(backend.read('v1/x', 10)).rejects.toMatchObject(expected);
    await expect(backend.create('v1/x', contentOf('x'))).rejects.toMatchObject(expected);
    await expect(backend.remove('v1/x')).rejects.toMatchObject(expected);
    await expect(collect(backend.list('v1/'))).rejects.toMatchObject(expected);
  });

  it.each([
    ['an error document', SLOW_DOWN, 'SlowDown'],
    ['something else', '<?xml version="1.0"?><Other/>', ''],
  ])('has copied nothing when it answers 200 with %s', async (_name, body, code) => {
    const location = parseStoreUrl(await serve(200, body, { 'content-type': 'application/xml' }));
    if (location.kind !== 's3') throw new Error('no bucket');
    const connection = new S3Connection(location, 's3://bucket', ENVIRONMENT, S3_LIMITS);
    const copy = { from: 'a', etag: '"1"', to: 'b', timeoutMs: 2000, signal: new AbortController().signal };
    const copied = copyObject(connection, location, copy);
    await expect(copied).rejects.toMatchObject({
      name: 'S3ResponseError',
      message: expect.stringContaining(code) as string,
    });
  });

  it('names the missing region', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    await expect(openS3('s3://bucket', ENVIRONMENT).read('v1/x', 10)).rejects.toMatchObject({
      code: 'STORE_LOCATION_INVALID',
      message:
        "s3://bucket: the bucket's endpoint is unknown (Region is missing). Add region=… to the URL, or set AWS_REGION",
    });
  });
});
