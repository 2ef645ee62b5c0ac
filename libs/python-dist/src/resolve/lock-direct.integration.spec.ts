/** Locks of requirements by path, URL and repository, with the real uv and git and an index on loopback. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import { applicationsOf } from '../lock/application.js';
import type { LockInputs } from '../lock/inputs.js';
import type { Lock } from '../lock/lock.js';
import { formatPylock, parsePylock } from '../lock/pylock.js';
import { packCommit } from '../origin/git-source.js';
import { Uv } from '../uv/uv.js';
import { IndexServer, wheelBytes, type Offered } from './index-server.fixture.js';
import type { LockOptions } from './lock-options.js';
import { lockReqset } from './lock-reqset.js';
import { emptyUvCache } from './uv-cache.fixture.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const PLACE = { folder: 'reqsets/demo', wheels: 'dist/wheels/demo' };
const ARRAYS = 'arrays-2.0-py3-none-any.whl';
const LOCAL: Offered = { fileName: 'local-1.0-py3-none-any.whl', requires: ['arrays', 'plots; extra == "plot"'] };
const OFFERED: Offered[] = [
  { fileName: ARRAYS },
  { fileName: 'arrays-1.0-py3-none-any.whl' },
  { fileName: 'plots-1.1-py3-none-any.whl' },
  { fileName: 'setuptools-80.0-py3-none-any.whl' },
];

const uvCache = temporaryFolder();

let server: IndexServer;
let root: string;
let cache: string;
let messages: string[];

beforeEach(async () => {
  server = await IndexServer.start(OFFERED);
  [root, cache] = [temporaryFolder(), temporaryFolder()];
  messages = [];
  emptyUvCache(uvCache);
  process.env.UV_CACHE_DIR = uvCache;
  write('wheels/local-1.0-py3-none-any.whl', wheelBytes(LOCAL));
});
afterEach(() => {
  server.stop();
  Reflect.deleteProperty(process.env, 'UV_CACHE_DIR');
});

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function lock(lines: string[], inputs: Partial<LockInputs> = {}, options?: LockOptions): Promise<Lock> {
  const index = IndexClient.of(indexesAt(server.url), { firstPause: 1, root });
  const progress = (line: string): void => void messages.push(line);
  const tools = { uv: await Uv.find(ROOT), index, progress, root, cache, policy: planBuildPolicy() };
  const requirements = lines.map((text, at) => ({ text, place: `requirements.txt:${at + 1}` }));
  return lockReqset('demo', { requirements, sources: [], target: TARGET, ...inputs }, tools, options);
}

function sourceOf({ packages }: Lock, name: string) {
  return packages.find((locked) => locked.name === name)?.source;
}

function edges({ packages }: Lock): string[] {
  return packages.map(({ name, version, dependencies }) => `${name} ${version} <${dependencies.join()}>`);
}

/** A repository with one commit. */
function repository(files: Record<string, string>): string {
  const folder = temporaryFolder();
  const git = (...words: string[]): void => {
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
    execFileSync('git', ['-C', folder, ...identity, ...words]);
  };
  git('init', '--quiet', '--initial-branch=main');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  symlinkSync('pyproject.toml', join(folder, 'link'));
  git('add', '--all');
  git('commit', '--quiet', '--message=one');
  git('tag', 'v1');
  return folder;
}

const PROJECT = `[project]
name = "demo"
version = "3.1"
dependencies = ["arrays<2"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
`;
const BACKEND = 'def build_wheel(*_): raise NotImplementedError\n';
const FILES = { 'pyproject.toml': PROJECT, 'backend.py': BACKEND };

describe('a wheel of the workspace', () => {
  it('is locked by its path and digest, with its dependencies and extras', async () => {
    const made = await lock(['local[plot] @ file:wheels/local-1.0-py3-none-any.whl']);
    expect(edges(made)).toEqual(['arrays 2.0 <>', 'local 1.0 <arrays,plots>', 'plots 1.1 <>']);
    expect(sourceOf(made, 'local')).toMatchObject({ kind: 'prebuilt', path: 'wheels/local-1.0-py3-none-any.whl' });
  });

  it('conflicts with other requirements by its version, and must have the digest of the requirement', async () => {
    const line = 'local @ file:wheels/local-1.0-py3-none-any.whl';
    expect(await rejected(() => lock([line, 'local>=2']))).toContain('you require local>=2 and local==1.0');
    expect(await rejected(() => lock([`${line}#sha256=${'0'.repeat(64)}`]))).toContain('does not have the digest');
  });
});

describe('a wheel by URL', () => {
  it('is locked with its URL, and downloaded once', async () => {
    const url = server.url.replace('/simple', `/files/${ARRAYS}`);
    const made = await lock([`arrays @ ${url}`, 'local @ file:wheels/local-1.0-py3-none-any.whl']);
    const sha256 = createHash('sha256')
      .update(wheelBytes({ fileName: ARRAYS }))
      .digest('hex');
    expect(sourceOf(made, 'arrays')).toMatchObject({
      kind: 'wheel',
      wheel: { name: ARRAYS, sha256, origin: { kind: 'url', url } },
    });
    const text = formatPylock(made, PLACE);
    expect(parsePylock(text, 'pylock.toml', PLACE.folder)).toEqual(made);
    const asked = server.asked.filter((path) => path.endsWith(ARRAYS)).length;
    const again = await lock(
      [`arrays @ ${url}`, 'local @ file:wheels/local-1.0-py3-none-any.whl'],
      {},
      { previous: made },
    );
    expect(formatPylock(again, PLACE)).toBe(text);
    expect(server.asked.filter((path) => path.endsWith(ARRAYS))).toHaveLength(asked);
  });

  it('that cannot be downloaded is reported with its line', async () => {
    const url = server.url.replace('/simple', '/files/nothing-1.0-py3-none-any.whl');
    expect(await rejected(() => lock([`nothing @ ${url}`]))).toMatch(/requirements\.txt:1: nothing cannot be .*404/);
  });

  it('of a dependency has to be in requirements.txt', async () => {
    const url = server.url.replace('/simple', `/files/${ARRAYS}`);
    write(
      'wheels/user-1.0-py3-none-any.whl',
      wheelBytes({ fileName: 'user-1.0-py3-none-any.whl', requires: [`arrays @ ${url}`] }),
    );
    const line = 'user @ file:wheels/user-1.0-py3-none-any.whl';
    expect(await rejected(() => lock([line]))).toContain(`Add this line to requirements.txt: arrays @ ${url}`);
    expect(await rejected(() => lock([line, 'arrays==2.0']))).toContain('Replace requirements.txt:2 by');
    expect(edges(await lock([line, `arrays @ ${url}`]))).toEqual(['arrays 2.0 <>', 'user 1.0 <arrays>']);
  });
});

describe('a git repository', () => {
  it('is locked by commit and by the digest of its files, and stays there until it is upgraded', async () => {
    const folder = repository(FILES);
    const line = `demo @ git+file://${folder}@main`;
    const made = await lock([line]);
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', 'main']).toString().trim();
    expect(edges(made)).toEqual(['arrays 1.0 <>', 'demo 3.1 <arrays>']);
    const origin = { kind: 'git', url: `file://${folder}`, commit, requested: 'main' };
    expect(sourceOf(made, 'demo')).toMatchObject({ kind: 'sdist', sdist: { name: 'demo-3.1.tar.gz', origin } });
    const text = formatPylock(made, PLACE);
    expect(parsePylock(text, 'pylock.toml', PLACE.folder)).toEqual(made);
    execFileSync('git', [
      '-C',
      folder,
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@y',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'two',
    ]);
    expect(formatPylock(await lock([line], {}, { previous: made }), PLACE)).toBe(text);
    const upgraded = await lock([line], {}, { previous: made, upgrade: ['demo'] });
    expect(sourceOf(upgraded, 'demo')).not.toMatchObject({ sdist: { origin: { commit } } });
    // The files are the same, and so is what is packed from them, but for the folder's name.
    expect(edges(upgraded)).toEqual(edges(made));
  });

  it('is packed into the same bytes whatever the umask and the configuration of git', async () => {
    const folder = repository({ ...FILES, 'run.sh': 'exit\n' });
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', 'v1']).toString().trim();
    const origin = { kind: 'git' as const, url: `file://${folder}`, commit };
    const [one, two] = [join(cache, 'one.tar.gz'), join(cache, 'two.tar.gz')];
    await packCommit('demo', origin, one);
    const before = process.umask(0o077);
    try {
      await packCommit('demo', origin, two);
    } finally {
      process.umask(before);
    }
    expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
    const listed = execFileSync('tar', ['-tvzf', one]).toString();
    expect(listed).toMatch(/^-rwxr-xr-x .* demo-\w{12}\/run\.sh$/m);
    expect(listed).toMatch(/^lrw.* demo-\w{12}\/link -> pyproject\.toml$/m);
  });

  it('is found by tag, by an abbreviated commit, and in a subdirectory', async () => {
    const folder = repository({ 'sub/pyproject.toml': PROJECT, 'sub/backend.py': BACKEND, 'other.txt': '' });
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', '--short=10', 'v1']).toString().trim();
    for (const revision of ['v1', commit, 'HEAD']) {
      const made = await lock([`demo @ git+file://${folder}@${revision}#subdirectory=sub`]);
      expect(sourceOf(made, 'demo')).toMatchObject({ sdist: { origin: { subdirectory: 'sub' } } });
    }
  });

  it('that cannot be used is reported with the reason', async () => {
    const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
    const folder = repository({ ...FILES, 'big.bin': lfs });
    expect(await rejected(() => lock([`demo @ git+file://${folder}`]))).toContain(
      'Git LFS, which is not supported: big.bin',
    );
    const plain = repository(FILES);
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@y', '-c', 'protocol.file.allow=always'];
    execFileSync('git', ['-C', plain, ...identity, 'submodule', '--quiet', 'add', folder, 'vendored'], {
      stdio: 'ignore',
    });
    execFileSync('git', ['-C', plain, ...identity, 'commit', '-q', '-m', 'two']);
    expect(await rejected(() => lock([`demo @ git+file://${plain}`]))).toContain(
      'submodules, which are not supported: vendored',
    );
    expect(await rejected(() => lock([`demo @ git+file://${plain}@nosuch`]))).toMatch(
      /could not read nosuch of [^]*after @/,
    );
    expect(await rejected(() => lock([`other @ git+file://${plain}@v1`]))).toContain(
      'is a distribution of demo, expected other',
    );
  });
});

describe('source trees of the workspace', () => {
  const tree = (name: string, dependencies: string[], optional?: Record<string, string[]>) => ({
    ...{ path: `libs/${name}`, name, version: '1.2', dependencies, buildRequires: [] },
    ...(optional !== undefined && { optional }),
  });

  it('depend on each other, with extras, and are not looked up on the index', async () => {
    const sources = [tree('one', ['two[fast]>=1']), tree('two', ['arrays'], { fast: ['plots'] })];
    const made = await lock(['one @ file:libs/one'], { sources });
    expect(edges(made)).toEqual(['arrays 2.0 <>', 'one 1.2 <two>', 'plots 1.1 <>', 'two 1.2 <arrays,plots>']);
    expect(server.asked.some((path) => /\/(?:one|two)\//.test(path))).toBe(false);
  });

  it('must have the required version', async () => {
    expect(await rejected(() => lock([], { sources: [tree('one', ['two>=2']), tree('two', [])] }))).toContain(
      'libs/one/pyproject.toml: two>=2 is required, but libs/two has version 1.2',
    );
  });

  it('add extras and dependency groups to their application only', async () => {
    const sources = [tree('app', ['arrays'], { plot: ['plots'] })];
    const applications = [
      { name: 'app', library: 'app', extras: ['plot'], groups: ['setuptools', 'gone; sys_platform == "win32"'] },
    ];
    const made = await lock([], { sources, applications });
    expect(edges(made)).toContain('app 1.2 <arrays,plots>');
    expect(applicationsOf(made)[0]?.wheels.map(({ name }) => name)).toEqual(['app', 'arrays', 'plots', 'setuptools']);
    expect(parsePylock(formatPylock(made, PLACE), 'pylock.toml', PLACE.folder)).toEqual(made);
  });

  it('of lines with a false marker are left out', async () => {
    const made = await lock(['one @ file:libs/one ; sys_platform == "win32"', 'arrays'], {
      sources: [tree('one', [])],
    });
    expect(edges(made)).toEqual(['arrays 2.0 <>']);
  });
});
