import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readIndexConfiguration } from './index-configuration.js';

const URL_A = 'https://a.example/simple';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  const program = `#!/bin/sh
echo "$@" >> ${folder}/asked
case "$*" in
  'get ${URL_A} me') echo secret-of-url ;;
  'get b.example:8443 me') echo secret-of-host ;;
  '--mode creds get ${URL_A}') printf 'you\\nsecret-of-you\\n' ;;
  *) exit 1 ;;
esac
`;
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/keyring'), program);
  chmodSync(join(folder, 'bin/keyring'), 0o755);
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function credentials(environment: Record<string, string>, files: Record<string, string> = {}) {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  const { indexes } = await readIndexConfiguration(folder, { HOME: folder, ...environment }, join(folder, 'etc'));
  return indexes[0]?.credentials;
}

function asked(): string {
  try {
    return readFileSync(join(folder, 'asked'), 'utf8');
  } catch {
    return '';
  }
}

describe('the keyring', () => {
  const UV = { UV_KEYRING_PROVIDER: 'subprocess' };

  test.each([
    ['the URL', URL_A.replace('//', '//me@'), UV, { username: 'me', password: 'secret-of-url' }],
    ['the host', 'https://me@b.example:8443/simple', UV, { username: 'me', password: 'secret-of-host' }],
    ['the URL, with its user name', URL_A, UV, { username: 'you', password: 'secret-of-you' }],
    ['pip', URL_A, { PIP_KEYRING_PROVIDER: 'import' }, { username: 'you', password: 'secret-of-you' }],
  ])('is asked for %s', async (_, url, environment, expected) => {
    expect(await credentials({ ...environment, PIP_INDEX_URL: url })).toEqual(expected);
  });

  test('is configured by uv.toml too', async () => {
    const files = { 'uv.toml': `keyring-provider = "subprocess"\nindex-url = "${URL_A}"\n` };
    expect(await credentials({}, files)).toEqual({ username: 'you', password: 'secret-of-you' });
  });

  test('that knows nothing leaves the index as it is', async () => {
    expect(await credentials({ ...UV, PIP_INDEX_URL: 'https://c.example/simple' })).toBeUndefined();
    expect(asked()).toBe('--mode creds get https://c.example/simple\n--mode creds get c.example\n');
  });

  test('is not asked without being configured, nor for what the URL or netrc has', async () => {
    await credentials({ PIP_INDEX_URL: URL_A });
    await credentials({ ...UV, UV_KEYRING_PROVIDER: 'disabled', PIP_KEYRING_PROVIDER: 'import', PIP_INDEX_URL: URL_A });
    await credentials({ ...UV, PIP_INDEX_URL: URL_A.replace('//', '//me:word@') });
    await credentials({ ...UV, PIP_INDEX_URL: URL_A }, { '.netrc': 'machine a.example login me password x' });
    expect(asked()).toBe('');
  });

  test('that is missing is an error', async () => {
    vi.stubEnv('PATH', join(folder, 'nowhere'));
    expect(await rejected(() => credentials({ ...UV, PIP_INDEX_URL: URL_A }))).toMatch(
      /^DIST_INDEX_KEYRING_FAILED keyring: .*not on PATH[^]*pipx install keyring/,
    );
  });
});
