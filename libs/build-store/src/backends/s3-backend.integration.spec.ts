import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  describeWithS3,
  S3_BUCKET,
  startFaultProxy,
  startS3,
  type FaultProxy,
  type S3RoleName,
  type S3Server,
} from '@pinpack/testing';
import { collect, contentOf, describeBackend } from './backend.fixture.js';
import type { S3Backend } from './s3-backend.js';
import { openS3, SHORT_LIMITS } from './s3-backend.fixture.js';

const newPath = (): string => `v1/main/entries/nx/${randomUUID()}`;
const forbidden = (text: string) => ({
  code: 'STORE_FORBIDDEN',
  message: expect.stringContaining(text) as string,
});

describeWithS3('a real S3 server', () => {
  let server: S3Server;
  let proxy: FaultProxy;

  beforeAll(async () => {
    server = await startS3();
    proxy = await startFaultProxy(server.endpoint);
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });
  beforeEach(() => {
    proxy.requests.length = 0;
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    await proxy.heal();
  });

  const openAs = (role: S3RoleName, prefix = ''): S3Backend => openS3(server.url(prefix), server.environment(role));
  /** Its requests can be looked at. */
  const openBehindProxy = (prefix = '', options = ''): S3Backend =>
    openS3(`${server.url(prefix, proxy.endpoint)}${options}`, server.environment('writer'));

  describeBackend('the root of a bucket', () => openAs('writer'));
  describeBackend('a prefix', () => openAs('writer', `a prefix, (with) signs+more/${randomUUID()}`));

  it('lists more than a page', async () => {
    const backend = openAs('writer', randomUUID());
    const paths = Array.from({ length: 1010 }, (_, index) => `v1/${index}`);
    await Promise.all(paths.map((path) => backend.create(path, contentOf(path))));
    expect((await collect(backend.list('v1/'))).map(({ path }) => path).sort()).toEqual(paths.sort());
  });

  describe('requests', () => {
    it('carry the digest that the server checks, the length, and the condition', async () => {
      const { sha256 } = contentOf('sent');
      await openBehindProxy('a').create('v1/x', contentOf('sent'));
      expect(proxy.requests).toMatchObject([
        {
          method: 'PUT',
          path: '/pinpack-test/a/v1/x',
          headers: {
            'content-length': '4',
            'if-none-match': '*',
            'x-amz-content-sha256': sha256,
            'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
          },
        },
      ]);
      expect(proxy.requests[0]?.headers).not.toHaveProperty('transfer-encoding');
    });

    it("ask for encryption by the server's key, which the server then does", async () => {
      const there = newPath();
      await openBehindProxy('', '&sse=AES256').create(there, contentOf('secret'));
      expect(proxy.requests.at(-1)?.headers).toMatchObject({ 'x-amz-server-side-encryption': 'AES256' });
      expect(Buffer.from((await openAs('reader').read(there, 100)) ?? []).toString()).toBe('secret');
      const client = new S3Client({
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: server.credentials('reader'),
      });
      const head = await client.send(new HeadObjectCommand({ Bucket: S3_BUCKET, Key: there }));
      expect(head.ServerSideEncryption).toBe('AES256');
    });

    it('ask for encryption by a key of KMS', async () => {
      await openBehindProxy('', '&sse=aws:kms&kmsKeyId=a-key')
        .create(newPath(), contentOf('secret'))
        // The server of the tests has no KMS.
        .catch(() => undefined);
      expect(proxy.requests[0]?.headers).toMatchObject({
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'a-key',
      });
    });

    it('name the bucket in the host where the path style is not asked for, and go through a proxy', async () => {
      const asked: string[] = [];
      const connectProxy = createServer().on('connect', (request: IncomingMessage, socket: Duplex) => {
        asked.push(request.url ?? '');
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      });
      await once(connectProxy.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => void connectProxy.close());
      const https_proxy = `http://127.0.0.1:${(connectProxy.address() as AddressInfo).port}`;
      const backend = openS3('s3://a-bucket/a?region=eu-central-1', { ...server.environment('writer'), https_proxy });
      await expect(backend.read('v1/x', 100)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(asked).toEqual(['a-bucket.s3.eu-central-1.amazonaws.com:443']);
    });

    it('look before they send much', async () => {
      const there = newPath();
      const content = contentOf(randomBytes(2_000_000));
      const backend = openBehindProxy();
      expect(await backend.create(there, content)).toBe('created');
      expect(await backend.create(there, content)).toBe('exists');
      expect(proxy.requests.map(({ method }) => method)).toEqual(['HEAD', 'PUT', 'HEAD']);
    });

    it('are signed for the time that the server has, however wrong the clock is here', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
      const there = newPath();
      const backend = openBehindProxy();
      expect(await backend.create(there, contentOf('late'))).toBe('created');
      expect(await backend.read(there, 100)).toHaveLength(4);
      expect(proxy.requests.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'PUT', 'GET']);
    });
  });

  describe('rights', () => {
    it('to read alone', async () => {
      const there = newPath();
      await openAs('writer').create(there, contentOf('there'));
      const reader = openAs('reader');
      expect(await reader.read(there, 100)).toHaveLength(5);
      expect(await reader.read(newPath(), 100)).toBeUndefined();
      await expect(reader.create(newPath(), contentOf('x'))).rejects.toMatchObject(forbidden('403 AccessDenied'));
      await expect(reader.remove(there)).rejects.toMatchObject(forbidden('403 AccessDenied'));
    });

    it("of a pull request: its branch's own place alone", async () => {
      const backend = openAs('pullRequest', 'team');
      expect(await backend.create('v1/branch/b/entries/nx/1', contentOf('x'))).toBe('created');
      const refused = forbidden('403 AccessDenied');
      await expect(backend.create('v1/main/entries/nx/1', contentOf('x'))).rejects.toMatchObject(refused);
    });

    it('none: wrong keys are reported as that, without them', async () => {
      const environment = { ...server.environment('writer'), AWS_SECRET_ACCESS_KEY: 'a wrong secret' };
      const wrongSecret = openS3(server.url(''), environment).read(newPath(), 100);
      await expect(wrongSecret).rejects.toMatchObject(
        forbidden('does not accept the credentials (403 SignatureDoesNotMatch)'),
      );
      await expect(wrongSecret).rejects.not.toThrow('secret');
      const wrongKey = openS3(server.url(''), { ...environment, AWS_ACCESS_KEY_ID: 'nobody' }).read(newPath(), 100);
      await expect(wrongKey).rejects.toMatchObject(
        forbidden('does not accept the credentials (403 InvalidAccessKeyId)'),
      );
    });
  });

  describe('credentials', () => {
    const CHAIN = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_PROFILE: undefined,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };

    it('none: reported at once, though the metadata service of a cloud does not answer, and not looked for each time', async () => {
      for (const [name, value] of Object.entries(CHAIN)) vi.stubEnv(name, value);
      vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', proxy.endpoint);
      await proxy.fail({ kind: 'hang' });
      const backend = openS3(server.url(''), {}, SHORT_LIMITS);
      const none = forbidden('no AWS credentials were found');
      await expect(backend.read('v1/x', 100)).rejects.toMatchObject(none);
      const asked = proxy.requests.length;
      expect(asked).toBeGreaterThan(0);
      await expect(backend.read('v1/x', 100)).rejects.toMatchObject(none);
      expect(proxy.requests).toHaveLength(asked);
    });

    it('of a profile', async () => {
      for (const [name, value] of Object.entries(CHAIN)) vi.stubEnv(name, value);
      const { accessKeyId, secretAccessKey } = server.credentials('reader');
      const folder = await mkdtemp(join(tmpdir(), 'pinpack-credentials-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'credentials');
      await writeFile(file, `[team]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`);
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
      const backend = openS3(`${server.url('')}&profile=team`, server.environment('writer'));
      expect(await backend.read(newPath(), 100)).toBeUndefined();
      await expect(backend.create(newPath(), contentOf('x'))).rejects.toMatchObject(forbidden('403 AccessDenied'));
    });
  });

  it('an uploader that is killed leaves nothing to be seen', async () => {
    const there = newPath();
    const script = `
      const { S3Backend } = await import(process.argv[1]);
      const { parseStoreUrl } = await import(process.argv[2]);
      const { Readable } = await import('node:stream');
      async function* endless() {
        for (let sent = 0; ; sent++) {
          yield Buffer.alloc(65536);
          if (sent === 40) console.log('sending');
          if (sent >= 40) await new Promise((done) => setTimeout(done, 100));
        }
      }
      const backend = new S3Backend(parseStoreUrl(process.argv[3]), { environment: process.env });
      const content = { size: 65536 * 1000, sha256: 'ab'.repeat(32), open: () => Readable.from(endless()) };
      await backend.create(process.argv[4], content);`;
    const modules = ['s3-backend.js', '../names/store-url.js'].map((name) =>
      fileURLToPath(new URL(`../../dist/backends/${name}`, import.meta.url)),
    );
    const program = ['--input-type=module', '--eval', script, ...modules, server.url(''), there];
    const uploader = execa(process.execPath, program, { env: server.environment('writer'), reject: false });
    for await (const line of uploader) if (line === 'sending') uploader.kill('SIGKILL');
    expect((await uploader).signal).toBe('SIGKILL');
    const backend = openAs('writer');
    expect(await backend.stat(there)).toBeUndefined();
    expect(await backend.create(there, contentOf('whole'))).toBe('created');
  });
});
