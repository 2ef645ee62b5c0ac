import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RpmEntry } from './entries.js';
import type { RpmSpec } from './spec.js';
import { attemptSync, describeWith, temporaryFolder } from '@pinpack/testing';
import { COMPRESSIONS, folder, minimalSpec, sampleEntries, sampleRpm, textFile, writeRpm } from './samples.fixture.js';

const spec = minimalSpec({ epoch: 1, scriptlets: { post: { interpreter: '/bin/sh', body: 'true' } } });

/** Installs into a root of its own, which has no /bin/sh: requires and scriptlets stay out of it. */
class Root {
  readonly folder = temporaryFolder();

  rpm(...args: string[]): { exitCode: number; output: string } {
    const where = ['--root', this.folder, '--dbpath', '/var/lib/rpm'];
    return attemptSync('rpm', [...where, ...args]);
  }

  expectSuccess(...args: string[]): string {
    const { exitCode, output } = this.rpm(...args);
    expect(output).not.toMatch(/error|warning/i);
    expect(exitCode, output).toBe(0);
    return output;
  }

  install(...args: string[]): void {
    this.expectSuccess('--nodeps', '--noscripts', ...args);
  }

  at(path: string): string {
    return join(this.folder, path);
  }
}

const isRoot = process.getuid?.() === 0;

describeWith(isRoot ? ['rpm'] : ['rpm', 'root (only root installs files of root)'], 'an installed RPM', () => {
  it.each(COMPRESSIONS)('has its files, verifies, and leaves nothing behind: $kind', async (compression) => {
    const root = new Root();
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec, sampleEntries(), compression)));
    expect(readFileSync(root.at('/usr/lib/tiny/été/fichier ✓ 🦀.txt'), 'utf8')).toBe('unicode\n');
    expect(readFileSync(root.at('/usr/lib/tiny/empty'))).toHaveLength(0);
    expect(readlinkSync(root.at('/usr/lib/tiny/sub/link'))).toBe('../a.txt');
    expect(lstatSync(root.at('/usr/lib/tiny/sub/run')).mode).toBe(0o104755);
    expect(lstatSync(root.at('/var/lib/tiny')).mode).toBe(0o041777);
    expect(lstatSync(root.at('/usr/lib/tiny/a.txt')).mtimeMs).toBe(Date.UTC(1980, 0, 1));
    expect(existsSync(root.at('/var/lib/tiny/ghost.whl'))).toBe(false);
    root.expectSuccess('-V', '--noscripts', '--nodeps', 'tiny');
    // The ghost's content is no concern of the package.
    writeFileSync(root.at('/var/lib/tiny/ghost.whl'), 'made by a scriptlet');
    root.expectSuccess('-V', '--noscripts', '--nodeps', 'tiny');

    root.install('-e', 'tiny');
    expect(existsSync(root.at('/usr/lib/tiny'))).toBe(false);
    expect(existsSync(root.at('/var/lib/tiny'))).toBe(false);
  });

  it('fails verification where a file changed', async () => {
    const root = new Root();
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec)));
    writeFileSync(root.at('/usr/lib/tiny/a.txt'), 'HELLO\n');
    rmSync(root.at('/usr/lib/tiny/empty'));
    const { output } = root.rpm('-V', '--noscripts', '--nodeps', 'tiny');
    expect(output).toMatch(/^\.\.5\.+T\. +\/usr\/lib\/tiny\/a\.txt$/m);
    expect(output).toMatch(/^missing +\/usr\/lib\/tiny\/empty$/m);
  });

  it('is upgraded: what the new version lacks goes, an edited config file stays', async () => {
    const root = new Root();
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec)));
    writeFileSync(root.at('/usr/lib/tiny/tiny.conf'), 'mine\n');
    const next: RpmSpec = { ...spec, version: '1.10' };
    const entries = [
      folder('/usr/lib/tiny'),
      textFile('/usr/lib/tiny/a.txt', 'new\n'),
      textFile('/usr/lib/tiny/tiny.conf', 'theirs\n', { config: 'noreplace' }),
    ];
    const { exitCode } = root.rpm(
      '-U',
      '--nodeps',
      '--noscripts',
      writeRpm(root.folder, next, await sampleRpm(next, entries)),
    );
    expect(exitCode).toBe(0);
    expect(root.expectSuccess('-q', 'tiny').trim()).toBe('tiny-1.10-3.noarch');
    expect(readFileSync(root.at('/usr/lib/tiny/a.txt'), 'utf8')).toBe('new\n');
    expect(readFileSync(root.at('/usr/lib/tiny/tiny.conf'), 'utf8')).toBe('mine\n');
    expect(existsSync(root.at('/usr/lib/tiny/sub'))).toBe(false);
  });

  it('has no hard links between files of the same content', async () => {
    const root = new Root();
    const entries = [textFile('/usr/a', 'same'), textFile('/usr/b', 'same'), textFile('/usr/c', '')];
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec, entries)));
    for (const path of ['/usr/a', '/usr/b', '/usr/c']) expect(lstatSync(root.at(path)).nlink).toBe(1);
    expect(readFileSync(root.at('/usr/b'), 'utf8')).toBe('same');
  });

  it('has one file for its hard links, each ghost and device as listed', async () => {
    const root = new Root();
    // No FIFO: rpm 4.18 opens it and waits for a writer, in packages of rpmbuild too.
    const entries: RpmEntry[] = [
      textFile('/usr/t/b', 'shared'),
      { path: '/usr/t/a', kind: 'hardlink', target: '/usr/t/b', mode: 0, size: 0 },
      { path: '/usr/t/c', kind: 'hardlink', target: '/usr/t/b', mode: 0, size: 0 },
      { path: '/usr/t/null', kind: 'characterDevice', device: { major: 1, minor: 3 }, mode: 0o666, size: 0 },
      folder('/usr/t/ghosts', { ghost: true }),
      textFile('/usr/t/may-be-missing', 'x', { missingOk: true }),
    ];
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec, entries)));
    const { ino, nlink } = lstatSync(root.at('/usr/t/a'));
    expect(nlink).toBe(3);
    for (const name of ['b', 'c']) expect(lstatSync(root.at(`/usr/t/${name}`)).ino).toBe(ino);
    expect(readFileSync(root.at('/usr/t/a'), 'utf8')).toBe('shared');
    expect(lstatSync(root.at('/usr/t/null')).isCharacterDevice()).toBe(true);
    expect(existsSync(root.at('/usr/t/ghosts'))).toBe(false);
    rmSync(root.at('/usr/t/may-be-missing'));
    root.expectSuccess('-V', '--noscripts', '--nodeps', 'tiny');
  });

  it('may have no files', async () => {
    const root = new Root();
    root.install('-i', writeRpm(root.folder, spec, await sampleRpm(spec, [])));
    root.install('-e', 'tiny');
  });

  it('runs its transaction file triggers once a transaction, over files that were there, came and went', async () => {
    const root = new Root();
    // rpm's own Lua: the root has no shell.
    const list = (title: string) => ({
      interpreter: '<lua>',
      // Of removed files there is no list.
      body: `local log = io.open("/log", "a")
log:write("${title}:")
local next_file = rpm.next_file or function() end
local file = next_file()
while file do
  log:write(" " .. file)
  file = next_file()
end
log:write("\\n")
log:close()`,
    });
    const watcher = minimalSpec({
      name: 'watcher',
      transactionFileTriggers: [
        { on: 'in', paths: ['/usr/watched/'], ...list('in') },
        { on: 'postun', paths: ['/usr/watched/'], ...list('postun') },
      ],
    });
    const write = async (own: RpmSpec, ...names: string[]) => {
      const entries = names.map((name) => textFile(name, name));
      return writeRpm(root.folder, own, await sampleRpm(own, entries));
    };
    const one = await write(minimalSpec({ name: 'one' }), '/usr/watched/one', '/usr/elsewhere');
    const two = await write(minimalSpec({ name: 'two' }), '/usr/watched/two');
    const three = await write(minimalSpec({ name: 'three' }), '/usr/watched/three');
    root.expectSuccess('--nodeps', '-i', one);
    root.expectSuccess('--nodeps', '-i', await write(watcher));
    root.expectSuccess('--nodeps', '-i', two, three);
    root.expectSuccess('--nodeps', '-i', await write(minimalSpec({ name: 'four' }), '/usr/watched-not'));
    root.expectSuccess('--nodeps', '-e', 'three');
    const lines = readFileSync(root.at('/log'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ').sort().join(' '))).toEqual([
      '/usr/watched/one in:',
      '/usr/watched/three /usr/watched/two in:',
      'postun:',
    ]);
  });

  it('shares a directory with another package until both are gone', async () => {
    const root = new Root();
    mkdirSync(root.at('/usr'), { recursive: true });
    for (const name of ['one', 'two']) {
      const own = minimalSpec({ name });
      root.install(
        '-i',
        writeRpm(
          root.folder,
          own,
          await sampleRpm(own, [folder('/usr/shared'), textFile(`/usr/shared/${name}`, name)]),
        ),
      );
    }
    root.install('-e', 'one');
    expect(existsSync(root.at('/usr/shared/two'))).toBe(true);
    root.install('-e', 'two');
    expect(existsSync(root.at('/usr/shared'))).toBe(false);
  });
});
