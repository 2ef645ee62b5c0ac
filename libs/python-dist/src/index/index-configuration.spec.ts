import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { rejected } from '@pinpack/testing';
import { readIndexConfiguration } from './index-configuration.js';

const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((name) => `https://${name}.example/simple`) as [
  string,
  string,
  string,
  string,
];

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-configuration-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
});

/** Reads the configuration from these files of a home folder and a workspace, and from these variables only. */
function read(files: Record<string, string>, environment: Record<string, string> = {}) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readIndexConfiguration(
    join(folder, 'workspace'),
    { HOME: join(folder, 'home'), ...environment },
    join(folder, 'etc'),
  );
}

/** As `read`: the URLs of indexes that are not explicit. */
async function readUrls(files: Record<string, string>, environment: Record<string, string> = {}) {
  const { indexes, ...rest } = await read(files, environment);
  return { ...rest, urls: indexes.filter(({ isExplicit }) => !isExplicit).map(({ url }) => url) };
}

const pipConf = (url: string) => `[global]\nindex-url = ${url}\n`;

describe('the index', () => {
  const USER = 'home/.config/pip/pip.conf';
  const LEGACY = 'home/.pip/pip.conf';
  const UV_USER = 'home/.config/uv/uv.toml';
  const UV_ROOT = 'workspace/uv.toml';

  test.each([
    ['the environment before files', { [USER]: pipConf(B) }, { PIP_INDEX_URL: A }],
    ['uv’s variable before pip’s', {}, { PIP_INDEX_URL: B, UV_DEFAULT_INDEX: A }],
    ['uv’s older variable before pip’s', {}, { PIP_INDEX_URL: B, UV_INDEX_URL: A }],
    ['an empty variable is ignored', {}, { PIP_INDEX_URL: A, UV_DEFAULT_INDEX: '' }],
    ['trailing slashes are removed', {}, { PIP_INDEX_URL: `${A}//` }],
    ['the user’s pip.conf', { [USER]: pipConf(A) }, {}],
    ['the user’s pip.conf before the legacy one', { [USER]: pipConf(A), [LEGACY]: pipConf(B) }, {}],
    ['the user’s pip.conf before the system’s', { [USER]: pipConf(A), 'etc/pip.conf': pipConf(B) }, {}],
    ['the system’s pip.conf', { 'etc/pip.conf': pipConf(A) }, {}],
    ['the system’s uv.toml', { 'etc/uv/uv.toml': `index-url = "${A}"` }, {}],
    ['a value on the next line', { [USER]: `[global]\nindex-url =\n  ${A}\n` }, {}],
    ['the legacy pip.conf', { [LEGACY]: pipConf(A) }, {}],
    ['a command’s section before [global]', { [USER]: `${pipConf(B)}[install]\nindex-url = ${A}\n` }, {}],
    [
      'a command’s section before another file’s [global]',
      { [LEGACY]: `[install]\nindex_url = ${A}\n`, [USER]: pipConf(B) },
      {},
    ],
    ['uv.toml before pip.conf', { [USER]: pipConf(B), [UV_USER]: `index-url = "${A}"` }, {}],
    [
      'the workspace’s uv.toml before the user’s',
      { [UV_ROOT]: `index-url = "${A}"`, [UV_USER]: `index-url = "${B}"` },
      {},
    ],
    ['uv’s default index', { [UV_ROOT]: `[[index]]\nurl = "${A}"\ndefault = true` }, {}],
  ] as [string, Record<string, string>, Record<string, string>][])('%s', async (_, files, environment) => {
    expect(await readUrls(files, environment)).toEqual({ urls: [A] });
  });

  test('the file of PIP_CONFIG_FILE overrides those of the virtualenv and the user', async () => {
    const files = { [USER]: pipConf(C), 'venv/pip.conf': pipConf(B), 'own.conf': pipConf(A) };
    const venv = { VIRTUAL_ENV: join(folder, 'venv') };
    expect(await readUrls(files, { ...venv, PIP_CONFIG_FILE: join(folder, 'own.conf') })).toEqual({ urls: [A] });
    expect(await readUrls(files, venv)).toEqual({ urls: [B] });
  });

  test('PIP_CONFIG_FILE=/dev/null disables all of pip’s files', async () => {
    const files = { [USER]: pipConf(B), [UV_USER]: `index-url = "${A}"` };
    expect(
      await readUrls(
        { [USER]: `${pipConf(B)}extra-index-url = ${C}` },
        { PIP_CONFIG_FILE: '/dev/null', PIP_INDEX_URL: A },
      ),
    ).toEqual({ urls: [A] });
    expect(await readUrls(files, { PIP_CONFIG_FILE: '/dev/null' })).toEqual({ urls: [A] });
  });

  test('HOME=/dev/null means that the user has no files', async () => {
    expect(await readUrls({ 'etc/pip.conf': pipConf(A) }, { HOME: '/dev/null' })).toEqual({ urls: [A] });
  });

  test('XDG_CONFIG_HOME moves the user’s files', async () => {
    const files = { 'xdg/pip/pip.conf': pipConf(A), [USER]: pipConf(B) };
    expect(await readUrls(files, { XDG_CONFIG_HOME: join(folder, 'xdg') })).toEqual({ urls: [A] });
  });
});

describe('further indexes', () => {
  test('come first, in their order, without duplicates', async () => {
    const environment = { UV_INDEX: `torch=${B} ${C}`, PIP_EXTRA_INDEX_URL: `${C}\n ${D}/`, PIP_INDEX_URL: A };
    expect(await readUrls({}, environment)).toEqual({ urls: [B, C, D, A] });
  });

  test('are read from several lines of pip.conf', async () => {
    const text = `[global]\nindex-url: ${A}\nextra-index-url =\n    ${B}\n    # a comment\n    ${C}\n`;
    expect(await readUrls({ 'home/.config/pip/pip.conf': text })).toEqual({ urls: [B, C, A] });
  });

  test('are read from uv.toml, those of the workspace first', async () => {
    const entry = (url: string) => `[[index]]\nname = "${new URL(url).hostname}"\nurl = "${url}"\n`;
    const files = {
      'home/.config/uv/uv.toml': entry(C),
      'workspace/uv.toml': `${entry(B)}${entry(A)}default = true\n${entry(D)}${entry('https://explicit.example/simple')}explicit = true\n`,
    };
    expect(await readUrls(files)).toEqual({ urls: [B, D, C, A] });
  });
});

describe('certificates', () => {
  test.each([
    [{ PIP_CERT: '/a.pem', SSL_CERT_FILE: '/b.pem' }, '/a.pem'],
    [{ SSL_CERT_FILE: '/b.pem', REQUESTS_CA_BUNDLE: '/c.pem' }, '/b.pem'],
    [{ REQUESTS_CA_BUNDLE: '/c.pem' }, '/c.pem'],
    [{}, '/d e/f.pem'],
  ] as [Record<string, string>, string][])('%j gives %s', async (environment, certificates) => {
    const files = { 'home/.config/pip/pip.conf': `[global]\nindex-url = ${A}\ncert = /d e/f.pem\n` };
    expect(await readUrls(files, environment)).toEqual({ urls: [A], certificates });
  });
});

describe('without configuration', () => {
  /** Sets PATH to programs that print the given text. */
  function onlyPrograms(programs: Record<string, string>): void {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\ncat <<'TEXT'\n${text}\nTEXT\n`);
      chmodSync(join(bin, name), 0o755);
    }
    vi.stubEnv('PATH', `${bin}${delimiter}/bin`);
  }

  const environment = { PIP_CONFIG_FILE: '/dev/null' };

  test('the default of uv is used, then that of pip', async () => {
    onlyPrograms({ uv: `  --default-index <URL>\n   (default: <${A}>)`, python3: `(default\n  ${B})` });
    expect(await readUrls({}, environment)).toEqual({ urls: [A] });
    rmSync(join(folder, 'bin/uv'));
    expect(await readUrls({}, environment)).toEqual({ urls: [B] });
  });

  test('a missing default is reported', async () => {
    onlyPrograms({ uv: 'nothing of use', python3: '' });
    expect(await rejected(() => read({}, environment))).toBe(
      [
        'DIST_INDEX_UNKNOWN package index: no index is configured',
        'looked for UV_DEFAULT_INDEX, PIP_INDEX_URL, pip.conf, uv.toml, and the defaults of uv and pip',
        'Set PIP_INDEX_URL to the URL of an index, or install pip (Debian and Fedora: python3-pip).',
      ].join('\n  '),
    );
  });

  test('the installed programs have a default', async () => {
    const { urls } = await readUrls({}, environment);
    expect(urls).toHaveLength(1);
    expect(urls[0]).toMatch(/^https:\/\/[^/]+\/simple$/);
  });
});

describe('an invalid setting is reported without its value', () => {
  test.each(['me:secret@index', 'file:///srv/wheels', 'ftp://me:secret@a.example'])('%s', async (url) => {
    const expected = [
      'DIST_INDEX_CONFIGURATION_INVALID package index: a configured index is not an http or https URL',
      'looked in UV_DEFAULT_INDEX, UV_INDEX, PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, pip.conf and uv.toml',
      'Correct it. Folders of wheels are not supported as indexes.',
    ].join('\n  ');
    expect(await rejected(() => read({}, { PIP_INDEX_URL: url }))).toBe(expected);
    expect(await rejected(() => read({}, { PIP_INDEX_URL: A, UV_INDEX: url }))).toBe(expected);
  });

  test('a file that cannot be read', async () => {
    const message = await rejected(() => read({ 'home/.config/pip/pip.conf/file': '' }, { PIP_INDEX_URL: A }));
    expect(message.replaceAll(folder, '')).toBe(
      [
        'DIST_INDEX_CONFIGURATION_INVALID /home/.config/pip/pip.conf: cannot be read: EISDIR: illegal operation on a directory, read',
        'Make it readable for this user, or remove it.',
      ].join('\n  '),
    );
  });

  test('an invalid uv.toml', async () => {
    const message = await rejected(() => read({ 'workspace/uv.toml': 'index-url = https://me:secret@a.example' }));
    expect(message.replaceAll(folder, '')).toBe(
      [
        'DIST_INDEX_CONFIGURATION_INVALID /workspace/uv.toml:1:13: is not valid TOML',
        'Correct this line; uv cannot read the file either.',
      ].join('\n  '),
    );
  });
});

describe('names and credentials', () => {
  test('of indexes in uv’s configuration', async () => {
    const files = {
      'workspace/uv.toml': `[[index]]\nname = "pypi"\nurl = "${A}"\ndefault = true\n[[index]]\nname = "internal"\nurl = "https://in:se%ret@b.example/simple/"\nexplicit = true\n`,
    };
    const environment = { UV_INDEX: `torch=${C}`, UV_INDEX_TORCH_USERNAME: 'me', UV_INDEX_TORCH_PASSWORD: 's3cret' };
    expect((await read(files, environment)).indexes).toEqual([
      { url: C, names: ['torch'], isExplicit: false, credentials: { username: 'me', password: 's3cret' } },
      { url: B, names: ['internal'], isExplicit: true, credentials: { username: 'in', password: 'se%ret' } },
      { url: A, names: ['pypi', 'default'], isExplicit: false },
    ]);
  });

  test('an index that is listed twice has all of its names, and a name belongs to the first index that has it', async () => {
    const environment = { UV_INDEX: `a=${A} b=${B} b=${C}`, PIP_INDEX_URL: A };
    expect((await read({}, environment)).indexes.map(({ url, names }) => [url, names])).toEqual([
      [A, ['a', 'default']],
      [B, ['b']],
    ]);
  });

  test('of netrc', async () => {
    const { netrc } = await read({ 'home/.netrc': 'machine a.example login me password x' }, { PIP_INDEX_URL: A });
    expect(netrc?.get('a.example')).toEqual({ username: 'me', password: 'x' });
  });
});
