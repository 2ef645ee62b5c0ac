import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import {
  runExecutor,
  writeBuiltWorkspace,
  writeRepository,
  type SamplePin,
} from '../../publishing/built-workspace.fixture.js';
import releases from '../releases/executor.js';
import rollback from '../rollback/executor.js';
import publish from './executor.js';

const PIP = fileURLToPath(new URL('../../../../../.venv/bin/python', import.meta.url));
const PINS: SamplePin[] = [
  { name: 'alpha', version: '1.0', requires: ['beta>=2'] },
  { name: 'beta', version: '2.0' },
];

const OTHER: SamplePin[] = [{ name: 'beta', version: '2.1' }];

let place: string;
let plugin: { publish: { to: string; url: string; keep: number } };

beforeEach(() => {
  for (const name of ['PINPACK_PUBLISH', 'PINPACK_PUBLISH_URL', 'PINPACK_STORE']) vi.stubEnv(name, '');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  place = temporaryFolder();
  plugin = { publish: { to: pathToFileURL(place).href, url: 'https://rpms.example.com/pub', keep: 2 } };
});

const at = (root: string) => ({ root, plugin });
const textOf = (path: string): string => readFileSync(join(place, 'demo', path), 'utf8');

async function publishOne(root: string): Promise<string> {
  const { success, output, errors } = await runExecutor(publish, { reqset: 'demo' }, at(root));
  expect([success, errors]).toEqual([true, '']);
  return output;
}

function latest(): string {
  return /releases\/(.+)\/$/m.exec(textOf('mirrorlist'))?.[1] ?? '';
}

describe('publish', () => {
  test('makes a whole release, its pages and the configuration for dnf', async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    const output = await publishOne(root);
    const id = latest();
    expect(output).toMatch(
      new RegExp(
        `^demo: publication ${id} uploaded to ${place}: 30 uploaded \\(.* kB\\), 0 copied; 0 deltas\nWARNING: demo was published without signatures\\.\n.* can install any software on them as root`,
      ),
    );
    const below = readdirSync(join(place, 'demo/releases', id), { recursive: true, withFileTypes: true });
    const files = below.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    expect(
      files.map((file) => file.slice(join(place, 'demo/releases', id).length + 1).replace(/[0-9a-f]{64}-/, '')).sort(),
    ).toEqual(
      [
        'find-links.html',
        'packages/demo-wheel-alpha-1.0.0-1.noarch.rpm',
        'packages/demo-wheel-beta-2.0.0-1.noarch.rpm',
        'packages/pinpack-runtime-0.1.0-1.noarch.rpm',
        'packages/pinpack-wheelhouse-0.1.0-1.noarch.rpm',
        'provenance.json',
        'release.json',
        'repodata/filelists.xml.gz',
        'repodata/filelists.xml.zck',
        'repodata/other.xml.gz',
        'repodata/other.xml.zck',
        'repodata/primary.xml.gz',
        'repodata/primary.xml.zck',
        'repodata/repomd.xml',
        'repository.json',
        'sbom/demo.NOTICE.txt',
        'sbom/demo.cdx.json',
        'sbom/demo.spdx.json',
        'sbom/publication.cdx.json',
        'sbom/publication.spdx.json',
        'simple/alpha/index.html',
        'simple/alpha/index.json',
        'simple/beta/index.html',
        'simple/beta/index.json',
        'simple/index.html',
        'simple/index.json',
        'wheels.json',
        'wheels/alpha-1.0-py3-none-any.whl',
        'wheels/alpha-1.0-py3-none-any.whl.metadata',
        'wheels/beta-2.0-py3-none-any.whl',
        'wheels/beta-2.0-py3-none-any.whl.metadata',
      ].sort(),
    );
    expect(textOf('mirrorlist')).toBe(`https://rpms.example.com/pub/demo/releases/${id}/\n`);
    expect(textOf('demo.repo')).toContain('mirrorlist=https://rpms.example.com/pub/demo/mirrorlist\n');
    expect(textOf('demo.repo')).toContain('gpgcheck=0\nrepo_gpgcheck=0\n');
    expect(textOf('simple/alpha/index.html')).toContain(
      `href="../../releases/${id}/wheels/alpha-1.0-py3-none-any.whl#`,
    );
  });

  test('the same again changes nothing', async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    await publishOne(root);
    const id = latest();
    const before = statSync(join(place, 'demo/mirrorlist')).mtimeMs;
    expect(await publishOne(root)).toMatch(
      new RegExp(`^demo: publication ${id} at ${place} is the latest already\nWARNING: demo was published without`),
    );
    expect(statSync(join(place, 'demo/mirrorlist')).mtimeMs).toBe(before);
  });

  test('the index beside the releases has the wheels of all that are kept', async () => {
    await publishOne(await writeBuiltWorkspace(PINS, 'one'));
    await publishOne(await writeBuiltWorkspace(OTHER, 'two'));
    expect(textOf('simple/beta/index.html').match(/beta-2.\d-py3/g)).toEqual([
      'beta-2.0-py3',
      'beta-2.0-py3',
      'beta-2.1-py3',
      'beta-2.1-py3',
    ]);
    expect(readdirSync(join(place, 'demo/simple')).sort()).toEqual(['alpha', 'beta', 'index.html', 'index.json']);
  });

  test('old releases go after an hour, and their wheels from the index before', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T00:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const root = await writeBuiltWorkspace(PINS, 'one');
    await publishOne(root);
    const other = await writeBuiltWorkspace(OTHER, 'two');
    await publishOne(other);
    await writeRepository(other, OTHER, { seed: 'three' });
    expect(await publishOne(other)).not.toContain('removed');
    expect(readdirSync(join(place, 'demo/releases'))).toHaveLength(3);
    vi.setSystemTime(new Date('2026-01-01T02:00:00Z'));
    await writeRepository(other, OTHER, { seed: 'four' });
    expect(await publishOne(other)).toContain('demo: 2 old publications removed, 2 kept');
    expect(readdirSync(join(place, 'demo/releases')).map((id) => id.slice(0, 16))).toEqual([
      '20260101T000002Z',
      '20260101T020000Z',
    ]);
    expect(readdirSync(join(place, 'demo/simple/alpha'))).toEqual([]);
    expect(textOf('simple/index.html')).not.toContain('alpha');
  });

  const missing = existsSync(PIP) ? '' : ' (skipped: there is no .venv, `npm run setup` makes it)';
  test.skipIf(missing !== '')(`pip installs from the folder by hashes alone${missing}`, async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    await publishOne(root);
    const target = mkdtempSync(join(tmpdir(), 'pinpack-target-'));
    onTestFinished(() => {
      rmSync(target, { recursive: true });
    });
    const { wheels } = JSON.parse(textOf(`releases/${latest()}/wheels.json`)) as {
      wheels: { name: string; version: string; sha256: string }[];
    };
    const lines = wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`);
    writeFileSync(join(root, 'hashed.txt'), lines.join(''));
    const index = pathToFileURL(join(place, 'demo/simple')).href;
    const words = ['-m', 'pip', '--isolated', 'install', '--no-cache-dir', '--require-hashes', '--index-url', index];
    await execa(PIP, [...words, '--target', target, '-r', join(root, 'hashed.txt')]);
    expect(readFileSync(join(target, 'beta/__init__.py'), 'utf8')).toBe('VERSION = "2.0"\n');
  });
});

describe('rollback and releases', () => {
  test('go back, to the one before or to a named one, and print the latest', async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    await publishOne(root);
    const first = latest();
    await writeRepository(root, PINS, { seed: 'two' });
    await publishOne(root);
    const second = latest();
    const back = await runExecutor(rollback, { reqset: 'demo' }, at(root));
    expect(back).toEqual({
      success: true,
      output: `demo: publication ${first} at ${place} is the latest, in place of ${second}`,
      errors: '',
    });
    expect(latest()).toBe(first);
    const table = await runExecutor(releases, { reqset: 'demo' }, at(root));
    expect(table.output.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['publication', expect.stringContaining('files'), 'deltas', 'size', 'new'],
      [second, '30', '0', expect.stringContaining('kB'), expect.stringContaining('kB')],
      [first, '30', '0', expect.stringContaining('kB'), expect.stringContaining('kB'), '← latest'],
    ]);
    const forth = await runExecutor(rollback, { reqset: 'demo', to: second }, at(root));
    expect([forth.success, latest()]).toEqual([true, second]);
    const json = await runExecutor(releases, { reqset: 'demo', json: true }, at(root));
    expect(JSON.parse(json.output)).toMatchObject({
      label: 'demo',
      url: 'https://rpms.example.com/pub/demo',
      releases: [
        { id: second, isLatest: true, files: 30 },
        { id: first, isLatest: false },
      ],
    });
  });

  test('say what there is when it is not what was asked for', async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    const nothing = await runExecutor(rollback, { reqset: 'demo' }, at(root));
    expect(nothing.errors).toBe(
      'demo: there is no publication before the latest [PINPACK_RELEASE_UNKNOWN]\n  nothing is published: nx run demo:publish',
    );
    expect((await runExecutor(releases, { reqset: 'demo' }, at(root))).output).toContain('nothing is published at');
    await publishOne(root);
    const unknown = await runExecutor(rollback, { reqset: 'demo', to: 'x' }, at(root));
    expect(unknown.errors).toBe(
      `demo: there is no complete publication x [PINPACK_RELEASE_UNKNOWN]\n  expected one of these by --to=<id>:\n    ${latest()}`,
    );
  });
});

describe('what is missing', () => {
  test('a configuration', async () => {
    const { errors } = await runExecutor(publish, { reqset: 'demo' }, { root: '/', plugin: {} });
    expect(errors).toContain(
      'publish: the target is not configured [PINPACK_PUBLISH_MISSING]\n  Set "publish": { "to":',
    );
    const unreachable = { root: '/', plugin: { publish: { to: 's3://bucket/x' } } };
    vi.stubEnv('AWS_REGION', '');
    expect((await runExecutor(publish, { reqset: 'demo' }, unreachable)).errors).toContain(
      'the URL for dnf and pip is not configured',
    );
    const wrong = { root: '/', plugin: { publish: { to: 'ftp://x', url: 'https://x' } } };
    expect((await runExecutor(publish, { reqset: 'demo' }, wrong)).errors).toContain('PINPACK_PUBLISH.');
  });

  test('a repository, and wheels', async () => {
    const root = await writeBuiltWorkspace(PINS, 'one');
    rmSync(join(root, 'dist/wheels/demo/beta-2.0-py3-none-any.whl'));
    writeFileSync(
      join(root, 'dist/wheels/demo/alpha-1.0-py3-none-any.whl'),
      readFileSync(join(root, 'dist/repo/demo/repository.json')),
    );
    expect((await runExecutor(publish, { reqset: 'demo' }, at(root))).errors).toContain('alpha-1.0-py3-none-any.whl');
    rmSync(join(root, 'dist/repo'), { recursive: true });
    expect((await runExecutor(publish, { reqset: 'demo' }, at(root))).errors).toBe(
      'dist/repo/demo: does not contain a repository to publish [PINPACK_NOT_BUILT]\n  Make it: nx run demo:repo',
    );
    expect(readdirSync(place)).toEqual([]);
  });
});
