import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { locateInterpreter, type LocateRequest } from './locate-interpreter.js';
import { readInterpreter } from './read-interpreter.js';
import { openInterpreter, unpackInterpreter } from './unpack-interpreter.js';

const TIME = '2025-06-11T15:36:57Z';

let root: string;

beforeEach(() => {
  root = temporaryFolder();
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

/** What an archive and a folder of a Python have. */
function writePython(folder: string): void {
  write(`${folder}/bin/python3.12`, '#!/bin/sh\nexit 1\n', 0o775);
  symlinkSync('python3.12', join(root, folder, 'bin/python3'));
  write(`${folder}/lib/python3.12/os.py`, 'name = "posix"\n');
  write(`${folder}/include/python3.12/patchlevel.h`, '#define PY_VERSION             "3.12.8"\n');
}

function pack(folder: string): { kind: 'archive'; location: string } {
  execFileSync('tar', ['czf', join(root, 'python.tar.gz'), '--mtime', TIME, '-C', root, folder]);
  return { kind: 'archive', location: 'python.tar.gz' };
}

const tools = () => ({ root, fetch: () => Promise.reject(new Error('nothing is downloaded')) });

function request(input: Pick<LocateRequest['input'], 'kind' | 'location' | 'expected'>, python = '3.12.8') {
  const unused = () => Promise.reject(new Error('nothing is downloaded'));
  return locateInterpreter({
    ...{ input: { ...input, keep: [] }, python, previous: undefined, root, cache: join(root, 'cache') },
    ...{ index: { download: unused, downloadUrl: unused }, policy: planBuildPolicy(), progress: () => undefined },
  });
}

describe('an archive', () => {
  test.each(['python', 'python/install'])('with its files in %s is found, verified and unpacked', async (folder) => {
    writePython(folder);
    const archive = pack('python');
    const { input, folder: opened } = await request(archive);
    expect(input.found).toEqual({
      sha256: await sha256OfFile(join(root, 'python.tar.gz')),
      size: statSync(join(root, 'python.tar.gz')).size,
      time: TIME,
    });
    expect(readlinkSync(join(opened, 'bin/python3'))).toBe('python3.12');
    expect(statSync(join(opened, 'bin/python3.12')).mode & 0o777).toBe(0o755);
    expect(await readInterpreter(opened, 'python')).toEqual({ minor: '3.12', version: '3.12.8' });
  });

  test('is refused if its digest is another one', async () => {
    writePython('python');
    const locked = { ...pack('python'), sha256: 'ab'.repeat(32), size: 1 };
    const error = await rejected(() => unpackInterpreter(locked, tools(), join(root, 'made')));
    expect(error).toContain('is not the Python that is locked');
    expect(existsSync(join(root, 'made'))).toBe(false);
    expect(await rejected(() => request({ ...pack('python'), expected: 'cd'.repeat(32) }))).toContain(
      'expected sha256=cdcd',
    );
  });

  test.each([
    ['another version', '3.12.9', 'is Python 3.12.8'],
    ['a Python without the GIL', '3.13.0t', 'expected 3.13.0t'],
  ])('is refused if reqset.json names %s', async (_, python, message) => {
    writePython('python');
    expect(await rejected(() => request(pack('python'), python))).toContain(message);
  });

  test('without a Python in it, or without a file, is refused', async () => {
    write('python/README', 'none');
    expect(await rejected(() => request(pack('python')))).toContain('contains neither bin nor install/bin');
    expect(await rejected(() => request({ kind: 'archive', location: 'missing.tar.gz' }))).toContain('cannot be read');
  });
});

test.each(['archive', 'folder'] as const)('of the kind %s can be read by the user of the sandbox', async (kind) => {
  const umask = process.umask(0o077);
  try {
    writePython('python');
    chmodSync(join(root, 'python/lib'), 0o700);
    const { folder } = await request(kind === 'archive' ? pack('python') : { kind, location: 'python' });
    const modes = execFileSync('find', [folder, '!', '-type', 'l', '-printf', '%P %m\\n'], { encoding: 'utf8' });
    expect(modes.split('\n').sort()).toEqual([
      '',
      ' 755',
      'bin 755',
      'bin/python3.12 755',
      'include 755',
      'include/python3.12 755',
      'include/python3.12/patchlevel.h 644',
      'lib 755',
      'lib/python3.12 755',
      'lib/python3.12/os.py 644',
    ]);
  } finally {
    process.umask(umask);
  }
});

describe('a folder', () => {
  test('is copied without what was installed into it, which does not affect its digest', async () => {
    writePython('home');
    const { input, folder } = await request({ kind: 'folder', location: 'home' });
    write('home/lib/python3.12/site-packages/six.py', '');
    write('home/lib/python3.12/__pycache__/os.pyc', '');
    write('home/bin/pip', '#!/home/bin/python3.12\n', 0o755);
    const again = await request({ kind: 'folder', location: 'home' });
    expect(again.input.found).toEqual(input.found);
    expect(existsSync(join(folder, 'bin/pip'))).toBe(false);
  });

  test('that changed since it was locked is refused', async () => {
    writePython('home');
    const { input } = await request({ kind: 'folder', location: 'home' });
    write('home/lib/python3.12/os.py', 'name = "changed"\n');
    const locked = { kind: 'folder' as const, location: 'home', sha256: '', size: 0, ...input.found };
    expect(await rejected(() => unpackInterpreter(locked, tools(), join(root, 'made')))).toContain('is not the Python');
    // Builds still use the copy of what was locked.
    const opened = await openInterpreter(locked, tools(), join(root, 'cache'));
    expect(readFileSync(join(opened, 'lib/python3.12/os.py'), 'utf8')).toBe('name = "posix"\n');
  });

  test('with a link out of it is refused', async () => {
    writePython('home');
    symlinkSync('/etc/hostname', join(root, 'home/lib/python3.12/sitecustomize.py'));
    expect(await rejected(() => request({ kind: 'folder', location: 'home' }))).toContain('out of the folder');
  });
});
