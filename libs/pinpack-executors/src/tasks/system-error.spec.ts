import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { temporaryFolder } from '@pinpack/testing';
import { reportFailure } from './report-failure.js';

async function messageOf(task: () => Promise<unknown>): Promise<string | undefined> {
  return (
    await reportFailure(async () => {
      await task();
    })
  ).message;
}

const throwing = (fields: object) => () => Promise.reject(Object.assign(new Error('write'), fields));

describe('errors of the file system', () => {
  test.each(['dist', 'dist/rpms/demo/x.rpm'])('name the file that is where a folder is expected: %s', async (path) => {
    const folder = temporaryFolder();
    const file = join(folder, 'dist');
    await writeFile(file, '');
    const message = await messageOf(() => mkdir(join(folder, path, 'deep'), { recursive: true }));
    expect(message).toBe(
      `${file}: is a file, expected a folder [PINPACK_FILE_SYSTEM]\n  Move or remove the file; pinpack creates the folder.`,
    );
  });

  test('name the target of a write, not its temporary name', async () => {
    const target = join(temporaryFolder(), 'x.rpm');
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    const chunks = (function* (): Generator<Uint8Array> {
      yield Buffer.from('half');
      throw full;
    })();
    expect(await messageOf(() => writeFileAtomically(target, chunks))).toMatch(
      new RegExp(`^${target}: cannot be written: no space is left .*\n.*df -h`),
    );
  });

  test.each([
    [{ code: 'ENOSPC', syscall: 'copyfile', path: '/store/a', dest: '/w/dist/a' }, /^\/w\/dist\/a: .*no space/],
    [{ code: 'EROFS', syscall: 'open', path: '/w/dist/a' }, /^\/w\/dist\/a: .*read-only/],
    [{ code: 'EACCES', syscall: 'open', path: '/w/dist/a' }, /^\/w\/dist\/a: access is denied/],
    [{ code: 'EDQUOT', syscall: 'open', path: '/w/dist/a' }, /quota/],
  ])('%j', async (fields, expected) => {
    expect(await messageOf(throwing(fields))).toMatch(expected);
  });
});
