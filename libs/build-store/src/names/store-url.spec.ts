import { describe, expect, it } from 'vitest';
import { describeLocation, identityOfLocation, parseStoreUrl } from './store-url.js';

describe('parseStoreUrl', () => {
  it.each([
    ['file:///srv/pinpack%20store/', { kind: 'folder', folder: '/srv/pinpack store' }, '/srv/pinpack store'],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '', pathStyle: false }, 's3://bucket'],
    [
      's3://my-bucket/a/b/?region=eu-central-1&sse=aws:kms&kmsKeyId=alias/x&profile=ci',
      {
        kind: 's3',
        bucket: 'my-bucket',
        prefix: 'a/b',
        pathStyle: false,
        region: 'eu-central-1',
        sse: 'aws:kms',
        kmsKeyId: 'alias/x',
        profile: 'ci',
      },
      's3://my-bucket/a/b',
    ],
    [
      's3://bucket/p?endpoint=http://127.0.0.1:9000&pathStyle=true',
      { kind: 's3', bucket: 'bucket', prefix: 'p', pathStyle: true, endpoint: 'http://127.0.0.1:9000' },
      's3://bucket/p',
    ],
    ['https://cache.example/team/', { kind: 'http', url: 'https://cache.example/team' }, 'https://cache.example/team'],
    ['http://127.0.0.1:8080', { kind: 'http', url: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', { kind: 'http', url: 'http://[::1]:8080' }, 'http://[::1]:8080'],
  ])('%s', (url, location, label) => {
    expect(parseStoreUrl(url)).toEqual(location);
    expect(describeLocation(parseStoreUrl(url))).toBe(label);
  });

  it.each([
    ['', '(empty): not a URL'],
    ['/srv/pinpack', 'not a URL'],
    ['ftp://there', 'not a supported store'],
    ['file://host/srv', 'it names another host'],
    ['file:///srv?x=1', 'no such option: x'],
    ['file:///%zz', 'not followed by two hex digits'],
    ['s3://Bad_Bucket', 'is not a valid bucket name'],
    ['s3://bucket/a//b', 'has empty parts'],
    ['s3://bucket?pathStyle=yes', 'pathStyle is "yes", expected true or false'],
    ['s3://bucket?sse=rot13', 'sse is "rot13", expected one of AES256, aws:kms, aws:kms:dsse'],
    ['s3://bucket?kmsKeyId=x', 'kmsKeyId is set, and sse is not aws:kms'],
    ['s3://bucket?endpoint=ftp://x', 'expected a URL with http or https'],
    ['s3://bucket?region=a&region=b', 'region is given more than once'],
    ['s3://bucket?region=', 'region is empty'],
    ['http://cache.example', 'http sends the token and the content in the clear'],
    ['http://127.0.0.1.example', 'http sends the token and the content in the clear'],
    ['https://cache.example/?token=x', 'no such option: token'],
  ])('refuses %s', (url, message) => {
    expect(() => parseStoreUrl(url)).toThrow(expect.objectContaining({ code: 'STORE_LOCATION_INVALID' }));
    expect(() => parseStoreUrl(url)).toThrow(message);
  });

  it('reports every issue at once', () => {
    const problems = /no such option: y[^]*"Bad_Bucket" is not a valid bucket name[^]*empty parts[^]*sse is "x"/;
    expect(() => parseStoreUrl('s3://Bad_Bucket/a//b?sse=x&y=1')).toThrow(problems);
  });

  it.each([
    'https://user:hunter2@cache.example/',
    's3://AKIAXXXX:hunter2@bucket/prefix',
    's3://bucket?endpoint=https://me:hunter2@minio.example',
    's3://bucket?endpoint=ftp://me:hunter2@minio.example',
    's3://bucket?secret=hunter2',
    'https://me:hunter2@[bad',
  ])('shows nothing of the secret in %s', (url) => {
    const message = ((): string => {
      try {
        return JSON.stringify(parseStoreUrl(url));
      } catch (error) {
        return String(error);
      }
    })();
    expect(message).toContain('StoreError');
    expect(message).not.toContain('hunter2');
  });
});

describe('identityOfLocation', () => {
  it('distinguishes buckets of one name on two servers', () => {
    const urls = [
      's3://bucket/p',
      's3://bucket/p?endpoint=http://127.0.0.1:1',
      's3://bucket/p?endpoint=http://127.0.0.1:2',
      'file:///bucket/p',
    ];
    expect(new Set(urls.map((url) => identityOfLocation(parseStoreUrl(url)))).size).toBe(4);
  });
});
