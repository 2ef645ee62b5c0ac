import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { needProgram, rejected, run, temporaryFolder } from '@pinpack/testing';
import { beforeAll, expect, test } from 'vitest';
import { checkInterpreter, packPythonRpm, type PythonRpmRequest } from './pack-python-rpm.js';

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
/** Programs of current systems need a newer glibc. */
const OLD = `manylinux_2_17_${MACHINE}`;
const NEW = `manylinux_2_99_${MACHINE}`;
const TIME = '2025-06-11T15:36:57Z';

let folder: string;

/** A program of this machine's glibc in the place of Python. */
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'lib/python3.12'), { recursive: true });
  copyFileSync('/bin/true', join(folder, 'bin/python3.12'));
  writeFileSync(join(folder, 'lib/python3.12/os.py'), 'name = "posix"\n');
});

function request(platform: string, time?: string): PythonRpmRequest {
  const place = { kind: 'archive' as const, location: 'python.tar.gz', keep: [], sha256: 'ab'.repeat(32), size: 1 };
  const interpreter = { ...place, release: 1, ...(time !== undefined && { time }) };
  return { set: 'demo', python: '3.12.8', platform, interpreter, bytecode: false, vendor: 'Demo', folder };
}

test('a Python for a newer glibc than that of the platform is refused, when it is locked too', async () => {
  for (const refused of [() => checkInterpreter(request(OLD)), () => packPythonRpm(request(OLD))]) {
    const error = await rejected(refused);
    expect(error).toMatch(/^PINPACK_GLIBC_TOO_NEW python.tar.gz: requires libc.so.6\(GLIBC_2\.\d+\)/);
    expect(error).toContain('Build Python 3.12.8 on a machine with glibc 2.17 or older');
    expect(error).toContain(`the platform ${OLD} has glibc 2.17`);
  }
  expect(await checkInterpreter(request(NEW))).toEqual({ openssl: undefined, contains: undefined });
});

test.each([
  ['OpenSSL 3.0.15 3 Sep 2024', '3.0.15'],
  ['OpenSSL 1.1.1w  11 Sep 2023', '1.1.1w'],
])('has its own OpenSSL if its program contains the text %s', async (text, openssl) => {
  const program = join(folder, 'bin/python3.12');
  appendFileSync(program, `${text}\0`);
  expect(await checkInterpreter(request(NEW))).toMatchObject({ openssl });
  copyFileSync('/bin/true', program);
});

test('has the date of its archive, or 1980 if that is not in the lock', async (context) => {
  await needProgram(context, 'rpm');
  const read = async (time?: string): Promise<string> => {
    const { fileName, chunks } = await packPythonRpm(request(NEW, time));
    const path = join(temporaryFolder(), fileName);
    writeFileSync(path, Buffer.concat(chunks));
    return run('rpm', ['-qp', '--qf', '%{BUILDTIME} %{CHANGELOGTIME}', path]);
  };
  expect(await read(TIME)).toBe(`${Date.parse(TIME) / 1000} ${Date.parse(TIME) / 1000}`);
  expect(await read()).toBe(`${DEFAULT_MTIME} ${DEFAULT_MTIME}`);
});
