import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { contentOf } from '../backends/backend.fixture.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { formatPublicKey, parsePublicKey, parseSigningKey } from '../entry/signature.js';
import { contentPath } from '../names/object-keys.js';
import { NxClient } from '../server/nx-client.fixture.js';
import { generateToken } from '../server/tokens.js';
import { EntryStore } from '../store/entry-store.js';
import { fileOf } from '../store/store.fixture.js';
import { formatBytes, parseAge, parseSize } from './format.js';
import { runCli } from './run-cli.js';

let folder: string;
let store: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-cli-'));
  store = `file://${folder}/store`;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

async function run(...args: string[]) {
  return runWith({}, ...args);
}

async function runWith(environment: Record<string, string>, ...args: string[]) {
  const told = { out: '', error: '' };
  const code = await runCli(args, {
    out: (text) => (told.out += text),
    error: (text) => (told.error += text),
    environment: { HOME: folder, ...environment },
    signals: new EventEmitter(),
  });
  return { code, ...told };
}

async function putEntry(key: string, content: string, trust?: ConstructorParameters<typeof EntryStore>[2]) {
  const entries = new EntryStore(new FolderBackend(join(folder, 'store')), 'main', trust);
  const { sha256, size } = contentOf(content);
  await entries.put({ kind: 'rpm', key, fileName: `${key}.rpm`, attachments: {}, sha256, size }, await fileOf(content));
}

describe('pinpack-store', () => {
  test('without a command, or with one that is none, says what there is', async () => {
    expect(await run()).toMatchObject({ code: 2, out: '', error: expect.stringContaining('serve') as string });
    expect(await run('nope')).toMatchObject({
      code: 2,
      error: expect.stringContaining('"nope" is not a command') as string,
    });
    expect(await run('--help')).toMatchObject({ code: 0, error: '', out: expect.stringContaining('keygen') as string });
  });

  test.each(['serve', 'ls', 'stat', 'gc', 'verify', 'keygen'])(
    '%s --help lists its options and exit codes',
    async (name) => {
      const { code, out } = await run(name, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^pinpack-store ${name} `));
      expect(out).toContain('Exit codes:');
    },
  );

  test.each([
    [['ls', '--nope'], "Unknown option '--nope'"],
    [['ls', 'word'], '"word" is unexpected'],
    [['ls', '--kind', 'deb'], '"deb" is not a kind of entry, expected nx, wheel, rpm'],
    [['ls', '--namespace', 'x'], '"x" is not a namespace'],
    [['ls', '--store', 'ftp://x'], 'not a supported store'],
    [['stat', 'rpm'], 'expected the key of an entry'],
    [['gc', '--max-size', 'big'], '--max-size is "big", expected a size such as 500M'],
    [['gc', '--store', 's3://bucket'], 'this store is not a folder'],
    [['keygen'], 'expected signing|token'],
    [['keygen', 'rsa'], '"rsa" cannot be generated'],
    [['keygen', 'signing'], 'expected --out FILE'],
    [['serve', '--config', '/nowhere.json'], '/nowhere.json: it cannot be read'],
  ])('%j is invalid usage', async (args, message) => {
    const { code, out, error } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain(message);
  });

  test.each([
    [['ls', '--store', 'ftp://x'], 'STORE_LOCATION_INVALID'],
    [['serve', '--config', '/nowhere.json'], 'STORE_CONFIG_INVALID'],
  ])('%j prints the error code at the end of the first line', async (args, code) => {
    const [first = ''] = (await run(...args)).error.split('\n');
    expect(first.endsWith(` [${code}]`)).toBe(true);
  });
});

describe('keygen', () => {
  test('makes a pair whose private key is for its owner alone, and never replaces one', async () => {
    const file = join(folder, 'signing.pem');
    const { code, out } = await run('keygen', 'signing', '--out', file, '--json');
    const { publicKey } = JSON.parse(out) as { publicKey: string };
    expect(code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const privateKey = await readFile(file, 'utf8');
    expect(formatPublicKey(createPublicKey(parseSigningKey(privateKey, 'test')))).toBe(publicKey);
    expect(parsePublicKey(publicKey, 'test').asymmetricKeyType).toBe('ed25519');
    expect(out).not.toContain('PRIVATE');
    const again = await run('keygen', 'signing', '--out', file);
    expect(again).toMatchObject({ code: 1, error: expect.stringContaining('never replaced') as string });
    expect(await readFile(file, 'utf8')).toBe(privateKey);
  });

  test('makes a token', async () => {
    const { out } = await run('keygen', 'token', '--json');
    expect(JSON.parse(out)).toEqual({
      token: expect.stringMatching(/^pinpack_/) as string,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect((await run('keygen', 'token')).out).toContain('shown this once');
  });
});

describe('ls and stat', () => {
  test('an empty store', async () => {
    expect(await run('ls', '--store', store)).toEqual({ code: 0, out: `${folder}/store: 0 entries, 0 B\n`, error: '' });
    expect((await run('stat', '--store', store)).code).toBe(0);
  });

  test('an entry, by PINPACK_STORE too', async () => {
    await putEntry('abc', 'content');
    const { out } = await runWith({ PINPACK_STORE: store }, 'ls');
    expect(out).toMatch(/^\S+: 1 entry, 7 B\n {2}rpm {2}abc {2}7 B {2}\S+ {2}abc\.rpm\n$/);
    const listed = JSON.parse((await run('ls', '--store', store, '--json')).out) as { entries: object[] };
    expect(listed.entries).toMatchObject([{ kind: 'rpm', key: 'abc', namespace: 'main', record: { size: 7 } }]);
    const one = await run('stat', 'rpm', 'abc', '--store', store);
    expect(one.code).toBe(0);
    expect(one.out).toMatch(/content +there\n {2}signature +none\n/);
    expect(await run('stat', 'rpm', 'absent', '--store', store)).toMatchObject({ code: 1 });
  });

  test('an entry whose content is gone', async () => {
    await putEntry('abc', 'content');
    await new FolderBackend(join(folder, 'store')).remove(contentPath('main', contentOf('content').sha256));
    expect(await run('stat', 'rpm', 'abc', '--store', store)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/content +gone/) as string,
    });
  });
});

describe('verify and gc', () => {
  test('a damaged content is reported, and removed when asked for', async () => {
    await putEntry('abc', 'content');
    expect(await run('verify', '--store', store)).toMatchObject({
      code: 0,
      out: expect.stringContaining('all is well') as string,
    });
    const backend = new FolderBackend(join(folder, 'store'));
    const path = contentPath('main', contentOf('content').sha256);
    await rm(backend.pathOf(path));
    await writeFile(backend.pathOf(path), 'CONTENT');
    const { code, out } = await run('verify', '--store', store);
    expect(code).toBe(1);
    expect(out).toContain(path);
    expect(await run('verify', '--store', store, '--repair')).toMatchObject({ code: 0 });
    expect(await run('verify', '--store', store)).toMatchObject({ code: 0 });
    expect(await run('ls', '--store', store)).toMatchObject({ out: expect.stringContaining('0 entries') as string });
  });

  test('with public keys, what none of them signed is reported', async () => {
    await putEntry('abc', 'content');
    const file = join(folder, 'key.pem');
    const { publicKey } = JSON.parse((await run('keygen', 'signing', '--out', file, '--json')).out) as {
      publicKey: string;
    };
    await writeFile(`${file}.pub`, publicKey);
    const environment = { PINPACK_STORE_PUBLIC_KEYS: `${file}.pub` };
    expect(await runWith(environment, 'verify', '--store', store)).toMatchObject({ code: 1 });
    expect((await runWith(environment, 'stat', 'rpm', 'abc', '--store', store)).out).toMatch(/signature +none/);
  });

  test('gc keeps what was used just now', async () => {
    await putEntry('abc', 'content');
    const { code, out } = await run('gc', '--max-size', '0', '--store', store, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ removed: { entries: 0 }, kept: { entries: 1, contents: 1 } });
  });
});

describe('serve', () => {
  const { token, sha256 } = generateToken();
  const later = generateToken();

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  async function writeConfig(port: number, tokens: object[]): Promise<string> {
    const file = join(folder, 'config.json');
    const config = { store, listen: { port }, tokens, logLevel: 'silent', spool: 'spool' };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  test('until a signal, and reads its tokens again', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const file = await writeConfig(port, [{ name: 'ci', sha256, scope: 'write' }]);
    expect(await run('serve', '--config', file, '--check')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 tokens, 0 issuers, signs nothing') as string,
    });
    const signals = new EventEmitter();
    const ignore = () => undefined;
    const serving = runCli(['serve', '--config', file], { out: ignore, error: ignore, environment: {}, signals });
    await expect.poll(() => fetch(`${url}/health`).then(({ status }) => status, ignore)).toBe(200);
    expect(await new NxClient(url, token).put('1', 'archive')).toBe('stored');
    await writeFile(file, 'no json');
    signals.emit('SIGHUP');
    expect(await new NxClient(url, token).get('1')).toBe('archive');
    await writeConfig(port, [{ name: 'ci', sha256: later.sha256, scope: 'write' }]);
    signals.emit('SIGHUP');
    await expect.poll(() => new NxClient(url, token).get('1')).toBeUndefined();
    expect(await new NxClient(url, later.token).get('1')).toBe('archive');
    signals.emit('SIGTERM');
    expect(await serving).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  test('not at an address that is taken, and not in front of another server', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const file = await writeConfig(port, [{ name: 'ci', sha256, scope: 'write' }]);
    expect(await run('serve', '--config', file)).toMatchObject({
      code: 2,
      error: expect.stringContaining('EADDRINUSE') as string,
    });
    await writeFile(
      file,
      JSON.stringify({ store: 'https://other.example', tokens: [{ name: 'a', sha256, scope: 'read' }] }),
    );
    expect(await run('serve', '--config', file)).toMatchObject({
      code: 2,
      error: expect.stringContaining('another server') as string,
    });
  });
});

describe('numbers', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [312_400_000, '312 MB'],
    [2.5e15, '2500 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('sizes and ages', () => {
    const sizes = ['10', '1.5k', '500M', '10GB', '10Gi', '10GiB'].map((text) => parseSize('x', text));
    expect(sizes).toEqual([10, 1500, 5e8, 1e10, 10 * 2 ** 30, 10 * 2 ** 30]);
    expect(['12h', '30d', '8w'].map((text) => parseAge('x', text) / 3_600_000)).toEqual([12, 720, 1344]);
    for (const bad of ['', '-1', '1Q', 'G', '1e9', '1 constructor'])
      expect(() => parseSize('x', bad)).toThrow('--x is');
    for (const bad of ['', '30', '1m', '1y']) expect(() => parseAge('x', bad)).toThrow('expected an age');
  });
});
