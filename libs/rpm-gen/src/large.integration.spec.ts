/** A package with a file of 5 GiB, beside rpmbuild's of the same file. It takes a minute and 11 GB of disk, so only the nightly run has it. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { openRpmFile } from './read-rpm-file.js';
import { readRpm } from './read.js';
import { minimalSpec } from './samples.fixture.js';

const SIZE = 5 * 2 ** 30 + 3;
const MAX_MEMORY_MB = 200;
/** The compiled package: memory is measured in a process of its own, and Node does not run the sources. */
const COMPILED = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const WRITER = `
import { createReadStream } from 'node:fs';
const [compiled, path, file, size, spec] = process.argv.slice(1);
const { writeRpmFile } = await import(compiled);
const stream = () => createReadStream(file, { highWaterMark: 1 << 20 });
const entry = { path: '/opt/large', kind: 'file', mode: 0o644, size: Number(size), stream };
await writeRpmFile(path, JSON.parse(spec), [entry], { compression: { kind: 'zstd', level: 3 } });
console.log(process.resourceUsage().maxRSS * 1024 / 1e6);`;
const FORM = ['SIZE', 'LONGSIZE', 'FILESIZES', 'LONGFILESIZES', 'FILEDIGESTS', 'FILEMODES', 'PAYLOADFORMAT'] as const;

describeWith(['rpm', 'rpmbuild'], 'a file of 5 GiB', () => {
  it.skipIf(process.env.PINPACK_NIGHTLY !== '1')(
    'is written in little memory with the tags of rpmbuild, and is installed and verified by rpm (PINPACK_NIGHTLY=1)',
    () => {
      const at = temporaryFolder();
      const root = join(at, 'build');
      const file = join(root, 'opt/large');
      mkdirSync(join(root, 'opt'), { recursive: true });
      writeFileSync(file, 'starts with text');
      truncateSync(file, SIZE);
      const path = join(at, 'large.rpm');
      const args = ['--input-type=module', '-e', WRITER, COMPILED, path, file, String(SIZE)];
      expect(Number(run(process.execPath, [...args, JSON.stringify(minimalSpec())]))).toBeLessThan(MAX_MEMORY_MB);
      expect(run('rpm', ['-K', path])).toContain('digests OK');
      expect(formOf(path)).toEqual(formOf(buildWithRpm(at, root)));
      const target = join(at, 'target');
      run('rpm', ['--root', target, '-i', '--nodeps', '--noscripts', '--nodb', path]);
      expect(run('sha256sum', [join(target, 'opt/large')]).split(' ')[0]).toBe(headOf(path).header.FILEDIGESTS?.[0]);
    },
    900_000,
  );
});

const FOLDERS = 1000;
const EACH = 100;
const MAX_MEMORY_MANY_MB = 600;
const MANY_WRITER = `
const [compiled, path, folders, each, spec] = process.argv.slice(1);
const { writeRpmFile } = await import(compiled);
const entries = [];
for (let folder = 0; folder < Number(folders); folder++) {
  entries.push({ path: '/opt/d' + folder, kind: 'directory', mode: 0o755, size: 0 });
  for (let file = 0; file < Number(each); file++) {
    const data = Buffer.from(folder + '/' + file);
    entries.push({ path: '/opt/d' + folder + '/f' + file, kind: 'file', mode: 0o644, size: data.length, read: () => ({ data }) });
  }
}
await writeRpmFile(path, JSON.parse(spec), entries, { compression: { kind: 'zstd', level: 3 } });
console.log(process.resourceUsage().maxRSS * 1024 / 1e6);`;

describeWith(['rpm'], '100,000 files', () => {
  it.skipIf(process.env.PINPACK_NIGHTLY !== '1')(
    'are written, verified, installed and read back (PINPACK_NIGHTLY=1: half a minute)',
    async () => {
      const at = temporaryFolder();
      const path = join(at, 'many.rpm');
      const args = ['--input-type=module', '-e', MANY_WRITER, COMPILED, path, String(FOLDERS), String(EACH)];
      const memory = Number(run(process.execPath, [...args, JSON.stringify(minimalSpec())]));
      expect(memory).toBeLessThan(MAX_MEMORY_MANY_MB);
      expect(run('rpm', ['-K', path])).toContain('digests OK');
      const root = ['--root', join(at, 'root')];
      run('rpm', [...root, '-i', '--nodeps', path]);
      expect(run('rpm', [...root, '-V', '--nodeps', 'tiny'])).toBe('');
      const rpm = await openRpmFile(path);
      let count = 0;
      for await (const { path: name } of rpm.files()) if (name !== '') count++;
      await rpm.close();
      expect(count).toBe(FOLDERS * (EACH + 1));
    },
    600_000,
  );
});

function buildWithRpm(at: string, root: string): string {
  const spec = join(at, 'large.spec');
  const lines = ['Name: tiny', 'Version: 1.2', 'Release: 3', 'Summary: A', 'License: MIT', 'BuildArch: noarch'];
  writeFileSync(spec, [...lines, 'AutoReqProv: no', '%description', 'A', '%files', '/opt/large', ''].join('\n'));
  const macros = {
    _binary_payload: 'w3.zstdio',
    _rpmdir: at,
    _rpmfilename: 'rpmbuild.rpm',
    __os_install_post: '%{nil}',
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  run('rpmbuild', ['-bb', '--quiet', '--noclean', '--nodebuginfo', ...defines, '--buildroot', root, spec]);
  return join(at, 'rpmbuild.rpm');
}

/** Where the sizes are, and the requirement that goes with them. */
function formOf(path: string) {
  const { header, signature } = headOf(path);
  const { LONGARCHIVESIZE, PAYLOADSIZE } = signature;
  return {
    ...Object.fromEntries(FORM.map((name) => [name, header[name]])),
    ...{ LONGARCHIVESIZE, PAYLOADSIZE },
    largeFiles: header.REQUIRENAME?.includes('rpmlib(LargeFiles)'),
  };
}

/** Zeros compress to little: the whole package fits into memory. */
function headOf(path: string): ReturnType<typeof readRpm> {
  return readRpm(readFileSync(path), path);
}
