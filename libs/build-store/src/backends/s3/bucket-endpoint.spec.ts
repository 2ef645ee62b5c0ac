import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseStoreUrl, type S3Location } from '../../names/store-url.js';
import { knownEndpoint } from './bucket-endpoint.js';
import { createClient, resolveEndpoint } from './sdk.js';

const credentials = () => Promise.resolve({ accessKeyId: 'id', secretAccessKey: 'secret' });

beforeEach(() => {
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function locate(url: string): { location: S3Location; endpoint: string | undefined; region: string | undefined } {
  const location = parseStoreUrl(url) as S3Location;
  return { location, endpoint: location.endpoint, region: location.region };
}

function known(url: string) {
  const { location, ...configured } = locate(url);
  return knownEndpoint(location, configured, process.env);
}

describe('knownEndpoint', () => {
  it.each([
    's3://bucket?region=eu-central-1',
    's3://bucket?region=us-east-1',
    's3://a-bucket-2/prefix?region=ap-southeast-2',
    's3://bucket?region=eu-west-1&endpoint=http://127.0.0.1:9000&pathStyle=true',
    's3://bucket?region=us-east-1&endpoint=http://127.0.0.1:9000',
    's3://bucket?region=us-east-1&endpoint=https://s3.example.com',
    's3://bucket?region=us-east-1&endpoint=https://s3.example.com:8443/base/&pathStyle=true',
    's3://bucket.of.us?region=us-east-1&endpoint=https://s3.example.com/base&pathStyle=true',
  ])('is that of the AWS SDK: %s', async (url) => {
    const { location, ...configured } = locate(url);
    const client = createClient({ location, ...configured, credentials, dispatcher: new Agent() });
    const { url: endpoint, region } = await resolveEndpoint(client, location.bucket);
    expect({ url: known(url)?.url.href, region: known(url)?.region }).toEqual({ url: endpoint.href, region });
  });

  it.each([
    's3://bucket',
    's3://bucket?region=cn-north-1',
    's3://bucket?region=us-gov-west-1',
    's3://bucket?region=eu-central-1&pathStyle=true',
    's3://bucket?region=eu-central-1&profile=team',
    's3://bucket.of.us?region=eu-central-1',
    's3://bucket--use1-az4--x-s3?region=us-east-1',
  ])('is left to the AWS SDK: %s', (url) => {
    expect(known(url)).toBeUndefined();
  });

  it.each(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'])('is left to the AWS SDK with %s', (name) => {
    vi.stubEnv(name, 'true');
    expect(known('s3://bucket?region=us-east-1')).toBeUndefined();
  });

  it("is left to the AWS SDK if there is a user's configuration", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-aws-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    expect(known('s3://bucket?region=us-east-1')).toBeDefined();
    await writeFile(join(folder, 'config'), '[default]\nuse_fips_endpoint = true\n');
    expect(known('s3://bucket?region=us-east-1')).toBeUndefined();
  });
});
