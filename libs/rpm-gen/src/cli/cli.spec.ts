import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { makeKey, type KeyKind } from '../gpg.fixture.js';
import type { RpmEntry } from '../entries.js';
import { buildReference } from '../reference.fixture.js';
import { folder, ghost, minimalSpec, sampleRpm, symlink, textFile, ZSTD } from '../samples.fixture.js';
import { checkPaths } from './extract.js';
import { runCli } from './run-cli.js';

const ENTRIES: RpmEntry[] = [
  folder('/opt/tiny', { mode: 0o2750 }),
  textFile('/opt/tiny/tool', '#!/bin/sh\n', { mode: 0o4755 }),
  textFile('/opt/tiny/tiny.conf', 'a = 1\n', { config: 'noreplace', user: 'nobody' }),
  symlink('/opt/tiny/current', 'tool'),
  ghost('/opt/tiny/log'),
];
const spec = minimalSpec({
  requires: [{ name: 'bash', sense: '>=', version: '4' }],
  provides: [{ name: 'virtual' }],
  recommends: [{ name: 'vim' }],
});

let at: string;
let output: string;
let errors: string;

beforeEach(() => {
  at = temporaryFolder();
  output = errors = '';
  vi.spyOn(console, 'log').mockImplementation((text: string) => (output += `${text}\n`));
  vi.spyOn(console, 'error').mockImplementation((text: string) => (errors += `${text}\n`));
});
afterEach(() => vi.restoreAllMocks());

async function writeSample(name = 'tiny.rpm', more = spec, entries = ENTRIES): Promise<string> {
  const path = join(at, name);
  writeFileSync(path, await sampleRpm(more, entries, ZSTD));
  return path;
}

async function json(...words: string[]): Promise<unknown> {
  expect(await runCli([...words, '--json'])).toBe(0);
  return JSON.parse(output);
}

describeWith(['rpm', 'rpmbuild'], 'rpm-gen reads as rpm does', () => {
  it.each(['an RPM of rpm-gen', 'an RPM of rpmbuild'])('%s', async (kind) => {
    const entries = ENTRIES.filter(({ user }) => user === undefined);
    const path = kind.endsWith('rpmbuild')
      ? await buildReference(at, spec, entries)
      : await writeSample('tiny.rpm', spec, entries);
    const query = (format: string) => run('rpm', ['-qp', '--queryformat', format, path]);
    const [found] = (await json('inspect', path)) as [Record<string, unknown>];
    expect(
      `${String(found.name)}-${String(found.version)}-${String(found.release)}.${String(found.architecture)}`,
    ).toBe(query('%{nevra}'));
    expect(found.size).toBe(Number(query('%{size}')));
    for (const kind of ['provides', 'requires', 'recommends']) {
      const lines = run('rpm', ['-qp', `--${kind}`, path])
        .trim()
        .split('\n');
      expect([...(found[kind] as string[])].sort()).toEqual([...new Set(lines)].sort());
    }
    output = '';
    const listed = (await json('files', path)) as { mode: string; path: string; digest: string; size: number }[];
    const format = '[%{FILEMODES:perms} %{FILENAMES} %{FILEDIGESTS} %{FILESIZES}\n]';
    expect(listed.map((one) => `${one.mode} ${one.path} ${one.digest} ${one.size}`).join('\n')).toBe(
      query(format).trim(),
    );
  });
});

describe('rpm-gen', () => {
  it('prints fields and files for people, without control characters', async () => {
    const path = await writeSample('tiny.rpm', { ...spec, description: 'red\nand more' });
    expect(await runCli(['inspect', path])).toBe(0);
    expect(output).toContain('Name        : tiny\n');
    expect(output).toContain('Requires:\n    bash >= 4\n');
    output = '';
    expect(await runCli(['files', path])).toBe(0);
    expect(output).toContain('-rwsr-xr-x  root    root');
    expect(output).toMatch(
      /-rw-r--r-- {2}nobody {2}root +6 {2}1980-01-01T00:00:00Z {2}\/opt\/tiny\/tiny\.conf \(config, noreplace\)/,
    );
    expect(output).toContain('/opt/tiny/current -> tool');
    expect(output).toContain('/opt/tiny/log (ghost)');
  });

  it('shows the format, source packages and translations', async () => {
    const fixture = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;
    expect(await json('inspect', fixture('format-6-rsa.src.rpm'))).toMatchObject([
      { format: 6, isSource: true, translations: ['de', 'fr'], imaSignatures: 0 },
    ]);
    expect(await runCli(['inspect', fixture('format-6-rsa.src.rpm')])).toBe(0);
    expect(output).toMatch(/Architecture: noarch \(source package\)\nRPM format {2}: 6\n/);
    expect(output).toContain('Languages   : de, fr\n');
    expect(await runCli(['inspect', await writeSample()])).toBe(0);
    expect(output).toContain('RPM format  : 4\n');
  });

  it('extracts what rpm2cpio has, in a new folder only, and drops setuid', async () => {
    const path = await writeSample();
    const into = join(at, 'into');
    expect(await runCli(['extract', path, '-C', into])).toBe(0);
    expect(readFileSync(join(into, 'opt/tiny/tiny.conf'), 'utf8')).toBe('a = 1\n');
    expect(readlinkSync(join(into, 'opt/tiny/current'))).toBe('tool');
    expect(run('stat', ['-c', '%a', join(into, 'opt/tiny/tool')])).toBe('755\n');
    expect(await runCli(['extract', path, '-C', into])).toBe(1);
    expect(errors).toMatch(/has 1 entries, expected a new or an empty folder.* \[RPM_EXTRACT_REFUSED\]/);
  });

  it.each([
    [['/link', '/link/file'], '/link/file is below the symbolic link /link'],
    [['/../x'], 'has the path "/../x"'],
    [['/a//b'], 'has the path "/a//b"'],
    [['a'], 'has the path "a"'],
  ])('does not extract %j', (paths, message) => {
    const files = paths.map((path) => ({ path, kind: path === '/link' ? ('symlink' as const) : ('file' as const) }));
    expect(() => {
      checkPaths(files, 'bad.rpm');
    }).toThrow(message);
  });

  it('lists differences, and exits with 1 for any', async () => {
    const old = await writeSample('old.rpm');
    const entries = ENTRIES.map((entry) => (entry.path.endsWith('.conf') ? textFile(entry.path, 'a = 2\n') : entry));
    const changed = await writeSample('new.rpm', { ...spec, version: '1.3', requires: [] }, entries);
    expect(await runCli(['diff', old, old])).toBe(0);
    expect(output).toBe('no differences\n');
    expect(await runCli(['diff', old, changed])).toBe(1);
    expect(output).toContain('VERSION\n  - 1.2\n  + 1.3\n');
    expect(output).toContain('requires bash >= 4\n  - requires bash >= 4\n');
    expect(output).toMatch(/\/opt\/tiny\/tiny\.conf\n {2}- -rw-r--r-- nobody .*\n {2}\+ -rw-r--r-- root /);
  });

  it('tells what is wrong with the command line, the file or the package', async () => {
    expect(await runCli(['inspekt'])).toBe(2);
    expect(await runCli(['files', 'a', 'b'])).toBe(2);
    expect(await runCli(['files', '--sort', 'a'])).toBe(2);
    expect(errors).toMatch(
      /unknown command inspekt[\s\S]*files: found 2 files, expected 1[\s\S]*Unknown option '--sort'/,
    );
    expect(await runCli(['inspect', join(at, 'none.rpm')])).toBe(1);
    expect(errors).toContain('ENOENT');
    const path = await writeSample();
    writeFileSync(path, readFileSync(path).subarray(0, 300));
    expect(await runCli(['inspect', path])).toBe(1);
    expect(errors).toContain('[RPM_DAMAGED]');
  });
});

describeWith(['gpg', 'gpgconf'], 'signatures', () => {
  describe.each<KeyKind>(['rsa3072', 'ed25519'])('%s', (kind) => {
    it('are made by gpg, verified with the key, and bad after a change', async () => {
      const [key, other] = [makeKey(kind), makeKey('rsa3072')];
      const path = await writeSample();
      vi.stubEnv('GNUPGHOME', key.home);
      expect(await runCli(['verify', path, '--key', key.publicKey])).toBe(1);
      expect(output).toContain('digests OK, not signed');
      expect(await runCli(['sign', path, '--key-id', key.address])).toBe(0);
      vi.unstubAllEnvs();
      output = '';
      expect(await runCli(['verify', path, '--key', other.publicKey, '--key', key.publicKey])).toBe(0);
      expect(output).toMatch(/digests OK, signature good \((rsa|eddsa)\/sha256, Test <.*>, key [0-9a-f]{40}\)/);
      expect(await runCli(['verify', path, '--key', other.publicKey])).toBe(1);
      expect(output).toContain('signature no key');
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(bytes.indexOf('tiny.conf')) ^ 1, bytes.indexOf('tiny.conf'));
      writeFileSync(path, bytes);
      expect(await runCli(['verify', path, '--key', key.publicKey])).toBe(1);
      expect(errors).toContain("the header's sha256 is");
    });
  });

  it('needs a secret key', async () => {
    vi.stubEnv('GNUPGHOME', temporaryFolder());
    const path = await writeSample();
    const before = readFileSync(path);
    expect(await runCli(['sign', path])).toBe(1);
    expect(await runCli(['sign', path, '--key-id', 'nobody@example.com'])).toBe(1);
    vi.unstubAllEnvs();
    expect(errors).toMatch(/found no --key-id[\s\S]*nobody@example\.com[\s\S]*\[RPM_KEY_INVALID\]/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
