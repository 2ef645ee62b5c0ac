/** Signed publications: what is published, verified and traced, and what is refused. With the real createrepo_c and gpg. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openPublications, type Publications } from '@pinpack/publication';
import { withSigner } from '@pinpack/rpm-repo';
import { temporaryFolder } from '@pinpack/testing';
import { execa } from 'execa';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import provenance from '../executors/provenance/executor.js';
import publish from '../executors/publish/executor.js';
import rollback from '../executors/rollback/executor.js';
import verify from '../executors/verify/executor.js';
import { runExecutor, writeBuiltWorkspace, writeRepository, type SamplePin } from './built-workspace.fixture.js';

const PINS: SamplePin[] = [
  { name: 'alpha', version: '1.0' },
  { name: 'beta', version: '2.0' },
];
const RPM = 'packages/demo-wheel-alpha-1.0.0-1.noarch.rpm';
const DAY = 24 * 60 * 60_000;

let keyFile: string;
let otherKey: string;
/** Published twice; the second is the latest. */
let whole: string;
let wholePlace: string;
const ids = { first: '', second: '' };

async function makeKey(address: string): Promise<string> {
  const home = temporaryFolder();
  const gpg = ['--homedir', home, '--batch', '--passphrase', ''];
  await execa('gpg', [
    ...gpg,
    '--faked-system-time',
    '20240101T000000!',
    '--quick-generate-key',
    address,
    'ed25519',
    'sign',
    'never',
  ]);
  const { stdout } = await execa('gpg', [...gpg, '--armor', '--export-secret-keys']);
  await execa('gpgconf', ['--homedir', home, '--kill', 'all']);
  const file = join(home, 'secret.asc');
  writeFileSync(file, stdout);
  return file;
}

interface Place {
  root: string;
  place: string;
}

const at = ({ root, place }: Place) => ({
  root,
  plugin: { publish: { to: pathToFileURL(place).href, url: 'https://rpms.example.com/pub' } },
});
const pathOf = ({ place }: Place, path: string) => join(place, 'demo', path);
const latestOf = (one: Place) => /releases\/(.+)\/$/m.exec(readFileSync(pathOf(one, 'mirrorlist'), 'utf8'))?.[1] ?? '';

async function build(one: Place, seed: string): Promise<void> {
  const publication: Publications = await openPublications(pathToFileURL(one.place).href, { environment: {} });
  await withSigner({ keyFile }, (signer) => writeRepository(one.root, PINS, { seed, signer, publication }));
}

async function publishOne(one: Place, seed: string): Promise<string> {
  await build(one, seed);
  const { success, errors, output } = await runExecutor(publish, { reqset: 'demo' }, at(one));
  expect([success, errors]).toEqual([true, '']);
  expect(output).not.toContain('WARNING');
  return latestOf(one);
}

beforeAll(async () => {
  keyFile = await makeKey('releases@example.com');
  otherKey = await makeKey('releases@example.com');
  vi.stubEnv('PINPACK_SIGN_KEY_FILE', keyFile);
  whole = await writeBuiltWorkspace(PINS);
  wholePlace = temporaryFolder();
  ids.first = await publishOne({ root: whole, place: wholePlace }, 'one');
  ids.second = await publishOne({ root: whole, place: wholePlace }, 'two');
});

describe('a signed publication', () => {
  let one: Place;

  beforeEach(() => {
    for (const name of [
      'PINPACK_PUBLISH',
      'PINPACK_PUBLISH_URL',
      'PINPACK_STORE',
      'SOURCE_DATE_EPOCH',
      'PINPACK_BUILDER',
    ])
      vi.stubEnv(name, '');
    vi.stubEnv('PINPACK_SIGN_KEY_FILE', keyFile);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    one = {
      root: join(mkdtempSync(join(temporaryFolder(), 'copy-')), 'root'),
      place: join(temporaryFolder(), 'place'),
    };
    cpSync(whole, one.root, { recursive: true, preserveTimestamps: true });
    cpSync(wholePlace, one.place, { recursive: true, preserveTimestamps: true });
  });

  const check = (options: { key?: string } = {}) => runExecutor(verify, { reqset: 'demo', ...options }, at(one));
  const trace = (rpm: string) => runExecutor(provenance, { reqset: 'demo', rpm }, at(one));

  it('passes, and gpg verifies each signature', async () => {
    const { success, output, errors } = await check();
    expect([success, errors]).toEqual([true, '']);
    expect(output.split('\n').filter((line) => !line.startsWith('ok    '))).toEqual([]);
    const home = temporaryFolder();
    await execa('gpg', ['--homedir', home, '--batch', '--import', pathOf(one, 'RPM-GPG-KEY-pinpack')]);
    const release = pathOf(one, `releases/${ids.second}`);
    for (const files of [
      [pathOf(one, 'latest.asc')],
      [join(release, 'provenance.json.asc'), join(release, 'provenance.json')],
      [join(release, 'repodata/repomd.xml.asc'), join(release, 'repodata/repomd.xml')],
    ])
      expect((await execa('gpg', ['--homedir', home, '--batch', '--verify', ...files])).exitCode).toBe(0);
    await execa('gpgconf', ['--homedir', home, '--kill', 'all']);
    expect(readFileSync(pathOf(one, 'demo.repo'), 'utf8')).toContain('gpgcheck=1\nrepo_gpgcheck=1\n');
  });

  it('published again is the same publication, and its statement is renewed', async () => {
    const before = readFileSync(pathOf(one, 'latest.asc'), 'utf8');
    expect(await publishOne(one, 'two')).toBe(ids.second);
    expect(readFileSync(pathOf(one, 'latest.asc'), 'utf8')).not.toBe(before);
    expect((await check()).success).toBe(true);
  });

  it('that has expired is refused, until it is published again', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * DAY });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { success, output, errors } = await check();
    expect([success, errors]).toEqual([false, expect.stringContaining('[PINPACK_PUBLICATION_UNTRUSTED]')]);
    expect(output).toMatch(/FAIL {2}it is good until .*Z\n {6}it has expired/);
    await publishOne(one, 'two');
    expect((await check()).success).toBe(true);
  });

  it('that is replayed after a newer one was seen is refused: mirrorlist alone, and with its statement', async () => {
    const old = ['mirrorlist', 'latest.asc'].map((file) => [file, readFileSync(pathOf(one, file))] as const);
    await publishOne(one, 'three');
    expect((await check()).success).toBe(true);
    const current = readFileSync(pathOf(one, 'latest.asc'));
    for (const [file, bytes] of old) writeFileSync(pathOf(one, file), bytes);
    expect((await check()).output).toMatch(
      /FAIL {2}it is not older than the one seen before\n {6}its sequence is \d+, and \d+/,
    );
    writeFileSync(pathOf(one, 'latest.asc'), current);
    expect((await check()).output).toMatch(/FAIL {2}latest.asc names the publication of the mirrorlist/);
    // What was seen is not forgotten by a failure.
    for (const [file, bytes] of old) writeFileSync(pathOf(one, file), bytes);
    expect((await check()).success).toBe(false);
    writeFileSync(join(one.root, 'dist/cache/seen/demo.json'), '{}');
    expect((await check()).errors).toContain('[PINPACK_SEEN_INVALID]');
  });

  it('after a rollback passes, since the statement of an older publication is newer', async () => {
    expect((await check()).success).toBe(true);
    const { success } = await runExecutor(rollback, { reqset: 'demo' }, at(one));
    expect([success, latestOf(one)]).toEqual([true, ids.first]);
    expect((await check()).success).toBe(true);
    vi.stubEnv('PINPACK_SIGN_KEY_FILE', '');
    const unsigned = await runExecutor(rollback, { reqset: 'demo', to: ids.second }, at(one));
    expect(unsigned.output).toContain('latest.asc still names another publication');
    expect((await check()).success).toBe(false);
  });

  it.each([
    ['repodata/repomd.xml', /FAIL {2}repodata\/repomd.xml has a signature of the key/],
    ['repodata/repomd.xml.asc', /FAIL {2}repodata\/repomd.xml has a signature of the key/],
    ['provenance.json', /FAIL {2}provenance.json has a signature of the key/],
  ])('of which %s was changed is refused', async (path, reason) => {
    const file = pathOf(one, `releases/${ids.second}/${path}`);
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    writeFileSync(
      file,
      text.replace(/[0-9]/, (digit) => String((Number(digit) + 1) % 10)),
    );
    const { success, output } = await check();
    expect(success).toBe(false);
    expect(output).toMatch(reason);
  });

  it('with another key is refused by whoever knows the key, given or seen', async () => {
    expect((await check()).success).toBe(true);
    const key = join(one.root, 'key.asc');
    writeFileSync(key, readFileSync(pathOf(one, 'RPM-GPG-KEY-pinpack')));
    expect((await check({ key: 'key.asc' })).success).toBe(true);
    const other = await withSigner({ keyFile: otherKey }, ({ publicKey }) => Promise.resolve(publicKey));
    writeFileSync(pathOf(one, 'RPM-GPG-KEY-pinpack'), other);
    expect((await check()).output).toMatch(/FAIL {2}RPM-GPG-KEY-pinpack is the key that was seen before/);
    writeFileSync(key, other);
    expect((await check({ key: 'key.asc' })).output).toMatch(/FAIL {2}latest.asc has a signature of the key/);
  });

  it('that is unsigned is warned of each time, and refused', async () => {
    vi.stubEnv('PINPACK_SIGN_KEY_FILE', '');
    await writeRepository(one.root, PINS, { seed: 'two' });
    for (let time = 0; time < 2; time++) {
      const { success, output } = await runExecutor(publish, { reqset: 'demo' }, at(one));
      expect([success, output]).toEqual([
        true,
        expect.stringContaining('WARNING: demo was published without signatures'),
      ]);
    }
    expect((await check()).output).toMatch(/FAIL {2}repodata\/repomd.xml has a signature of the key/);
    rmSync(pathOf(one, 'latest.asc'));
    rmSync(pathOf(one, 'RPM-GPG-KEY-pinpack'));
    expect((await check()).output).toMatch(/FAIL {2}latest.asc has a signature of the key\n {6}it does not exist/);
  });

  it('is not made of a repository that was written to', async () => {
    const repository = join(one.root, 'dist/repo/demo');
    const replaced: [file: string, change: () => void][] = [
      [
        RPM,
        () => {
          cpSync(join(repository, 'packages/demo-wheel-beta-2.0.0-1.noarch.rpm'), join(repository, RPM));
        },
      ],
      [
        'packages/evil-1-1.noarch.rpm',
        () => {
          cpSync(join(repository, RPM), join(repository, 'packages/evil-1-1.noarch.rpm'));
        },
      ],
      [
        RPM,
        () => {
          rmSync(join(repository, RPM));
        },
      ],
      [
        'repodata/repomd.xml',
        () => {
          writeFileSync(
            join(repository, 'repodata/repomd.xml'),
            `${readFileSync(join(repository, 'repodata/repomd.xml'), 'utf8')} `,
          );
        },
      ],
      [
        'repository.json',
        () => {
          writeFileSync(
            join(repository, 'repository.json'),
            readFileSync(join(repository, 'repository.json'), 'utf8').replace(
              '"name": "demo-wheel-beta"',
              '"name": "x"',
            ),
          );
        },
      ],
    ];
    for (const [file, change] of replaced) {
      rmSync(repository, { recursive: true });
      cpSync(join(whole, 'dist/repo/demo'), repository, { recursive: true, preserveTimestamps: true });
      // A copy, not the hard link of the cache of signed files.
      change();
      const { success, errors } = await runExecutor(publish, { reqset: 'demo' }, at(one));
      expect(success).toBe(false);
      expect(errors).toContain('[PINPACK_REPOSITORY_DIFFERS]');
      expect(errors).toContain(file);
    }
    expect(readdirSync(pathOf(one, 'releases'))).toHaveLength(2);
    vi.stubEnv('PINPACK_SIGN_KEY_FILE', otherKey);
    expect((await runExecutor(publish, { reqset: 'demo' }, at(one))).errors).toContain('[PINPACK_REPOSITORY_DIFFERS]');
  });

  it('traces an RPM back to the lock and the digest of the index', async () => {
    const { success, output, errors } = await trace(pathOf(one, `releases/${ids.second}/${RPM}`));
    expect([success, errors]).toEqual([true, '']);
    expect(output.split('\n').map((line) => line.replaceAll(/[0-9a-f]{40,64}/g, '…'))).toEqual([
      'ok    RPM: demo-wheel-alpha-1.0.0-1.noarch.rpm is demo-wheel-alpha-1.0.0-1.noarch with sha256 …; header and payload match their digests',
      'ok    RPM: has a signature of the key',
      `ok    publication: contains the RPM ${ids.second}, as ${RPM}`,
      'ok    provenance: provenance.json has a signature of the key',
      'ok    provenance: provenance.json is an in-toto statement with SLSA provenance',
      'ok    provenance: built by urn:pinpack:builder:unspecified with pinpack 0.1.0',
      'ok    provenance: provenance.json has the RPM as a subject',
      'ok    provenance: it calls the RPM demo-wheel-alpha 1.0.0-1',
      'ok    lock: the file of the workspace is the one of the provenance',
      'ok    lock: pins alpha 1.0',
      'ok    index: alpha-1.0-py3-none-any.whl with sha256 …, in the lock and in the provenance',
      'ok    index: the wheel in the publication has it too',
    ]);
    const older = await trace(pathOf(one, `releases/${ids.first}/${RPM}`));
    expect(older.output).toContain(`publication: contains the RPM ${ids.first}`);
    const own = await trace(pathOf(one, `releases/${ids.second}/packages/pinpack-runtime-0.1.0-1.noarch.rpm`));
    expect([own.success, own.output]).toEqual([true, expect.stringContaining('pinpack-runtime is no wheel RPM')]);
  });

  it('does not trace an RPM that was not published, nor one of another lock', async () => {
    const unsigned = await trace(join(one.root, 'dist/rpms/demo/demo-wheel-alpha-1.0.0-1.noarch.rpm'));
    expect(unsigned.success).toBe(false);
    expect(unsigned.output).toMatch(/FAIL {2}RPM: has a signature[^]*FAIL {2}publication: contains the RPM/);
    const lock = join(one.root, 'reqsets/demo/pylock.toml');
    const [, digest = ''] = /alpha-1\.0[^]*?sha256 = "([0-9a-f]{64})"/.exec(readFileSync(lock, 'utf8')) ?? [];
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(digest, 'f'.repeat(64)));
    const other = await trace(pathOf(one, `releases/${ids.second}/${RPM}`));
    expect(other.output).toMatch(
      /FAIL {2}lock: the file[^]*FAIL {2}index: alpha-1\.0-py3-none-any\.whl with sha256 f{64}/,
    );
  });
});
