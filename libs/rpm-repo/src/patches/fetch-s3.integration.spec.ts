/** `pinpack-runtime fetch` from a private bucket of a real S3 server, with signed requests. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWith, installedPythons, S3_IS_MISSING, startS3, temporaryFolder } from '@pinpack/testing';
import type { S3Server } from '@pinpack/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeKey } from '../samples.fixture.js';
import { withSigner } from '../signer.js';
import { writeRelease } from './release.fixture.js';

const PROGRAM = fileURLToPath(new URL('../../../pinpack-dnf/bin/pinpack-fetch', import.meta.url));
const ID = '20261122T193000Z-0123456789ab';
const SECRET = 'reader-secret';
const at = temporaryFolder();

describeWith({ programs: ['createrepo_c', 'gpg', 'gpgconf'] }, 'fetch from S3', () => {
  if (S3_IS_MISSING !== undefined) {
    it.skip(S3_IS_MISSING);
    return;
  }
  let server: S3Server;
  let key = '';
  beforeAll(async () => {
    server = await startS3();
    const release = await withSigner({ keyFile: await writeKey(at, 'ed25519', '') }, (signer) =>
      writeRelease('1.0', signer, { at }),
    );
    key = join(release.folder, 'RPM-GPG-KEY-pinpack');
    // S3 reads + in a path as a space unless it is escaped.
    await upload(release.folder, `pub/c++ set/releases/${ID}`);
    const pointer = Buffer.from(`https://rpms.example.com/pub/set/releases/${ID}/\n`);
    await server.put('pub/c++ set/mirrorlist', pointer);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  async function upload(folder: string, prefix: string): Promise<void> {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        await server.put(`${prefix}${path.slice(folder.length)}`, readFileSync(path));
      }
  }

  async function fetchWith(env: Record<string, string>, path: string, python = installedPythons()[0]) {
    const local = join(mkdtempSync(join(at, 'fetch-')), 'local');
    const { exitCode, all } = await execa(
      python ?? 'python3',
      ['-IBS', PROGRAM, server.url(path), local, '--key', key],
      {
        ...{ all: true, reject: false, extendEnv: false },
        env: { PATH: '/usr/bin:/bin', HOME: at, ...env },
      },
    );
    expect(all).not.toMatch(new RegExp(`Traceback|${SECRET}`));
    return { exitCode, all };
  }

  const COPIED = /0 unchanged, 2 rebuilt from patches, 0 downloaded|1 rebuilt from patches, 1 downloaded/;

  it('reads a publication with every Python', { timeout: 120_000 }, async () => {
    for (const python of installedPythons()) {
      const path = `pub/c++%20set/releases/${ID}`;
      const { exitCode, all } = await fetchWith(server.environment('reader'), path, python);
      expect([exitCode, all]).toEqual([0, expect.stringMatching(COPIED)]);
    }
  });

  it('finds the latest publication by its mirrorlist, in the bucket', async () => {
    const { exitCode, all } = await fetchWith(server.environment('reader'), 'pub/c++%20set/mirrorlist');
    expect([exitCode, all]).toEqual([0, expect.stringMatching(COPIED)]);
  });

  it('reads credentials of a profile', async () => {
    const file = join(at, 'credentials');
    writeFileSync(file, `[mirror]\naws_access_key_id = reader-id\naws_secret_access_key = ${SECRET}\n`);
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'mirror' };
    expect((await fetchWith(env, 'pub/c++%20set/mirrorlist')).exitCode).toBe(0);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['without credentials', {}, /mirrorlist: HTTP 403/],
    [
      'with a wrong secret',
      { AWS_ACCESS_KEY_ID: 'reader-id', AWS_SECRET_ACCESS_KEY: `${SECRET}s` },
      /mirrorlist: HTTP 403/,
    ],
    ['with half of the credentials', { AWS_ACCESS_KEY_ID: 'reader-id' }, /AWS_SECRET_ACCESS_KEY is not/],
    [
      'with a broken token',
      { AWS_ACCESS_KEY_ID: 'reader-id', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: `a\n${SECRET}` },
      /AWS_SESSION_TOKEN contains characters that no credential has/,
    ],
  ])('is refused %s, and prints no secret', async (_case, env, line) => {
    const { exitCode, all } = await fetchWith(env, 'pub/c++%20set/mirrorlist');
    expect([exitCode, all]).toEqual([1, expect.stringMatching(line)]);
  });
});
