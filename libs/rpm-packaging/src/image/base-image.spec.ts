import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Image } from '@pinpack/oci-image';
import { temporaryFolder } from '@pinpack/testing';
import { checkLibraries, findPython, readText, type Base } from './base-image.js';
import type { RpmFacts } from './rpm-entries.js';

function baseOf(files: Record<string, string>, links: Record<string, string> = {}): Base {
  const rootfs = temporaryFolder();
  const path = (name: string): string => {
    mkdirSync(dirname(join(rootfs, name)), { recursive: true });
    return join(rootfs, name);
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path(name));
  return { image: { subject: 'images/base' } as Image, rootfs };
}

function rpm(name: string, ...requires: string[]): RpmFacts {
  return { path: '', name, version: '1', release: '1', architecture: 'x86_64', sha256: '', size: 0, requires };
}

describe('findPython', () => {
  test('finds it where pinpack-runtime would', async () => {
    expect(await findPython(baseOf({ 'usr/bin/python3.11': '' }), '3.11')).toBe('/usr/bin/python3.11');
    const both = baseOf({ 'usr/bin/python3.9': '', 'usr/local/bin/python3.11': '' });
    expect(await findPython(both, '3.11')).toBe('/usr/local/bin/python3.11');
  });

  test('reports the Pythons of the base', async () => {
    const base = baseOf({ 'usr/bin/python3.9': '', 'usr/bin/python3.11-config': '', 'usr/local/bin/python3.12': '' });
    await expect(findPython(base, '3.11')).rejects.toThrow(
      'images/base: it has /usr/bin/python3.9, /usr/local/bin/python3.12\n  expected python3.11, which the wheels are made for',
    );
    await expect(findPython(baseOf({}), '3.11')).rejects.toThrow('it has no Python in /usr/bin and /usr/local/bin');
  });
});

describe('checkLibraries', () => {
  const LIBRARIES = {
    'usr/lib/x86_64-linux-gnu/libc.so.6': 'x\0GLIBC_2.2.5\0GLIBC_2.28\0',
    'usr/lib64/libz.so.1.3': '',
  };
  const LINKS = {
    lib: 'usr/lib',
    'usr/lib64/libz.so.1': '/etc/alternatives/libz',
    'etc/alternatives/libz': '/usr/lib64/libz.so.1.3',
  };

  test('finds libraries and versions, by links that lead where they do in the image', async () => {
    const requires = ['libc.so.6(GLIBC_2.28)(64bit)', 'libz.so.1()(64bit)', 'rtld(GNU_HASH)', 'python(abi)'];
    await expect(checkLibraries(baseOf(LIBRARIES, LINKS), [rpm('a', ...requires)])).resolves.toBeUndefined();
  });

  test('reports every missing library, and the RPMs that need it', async () => {
    const rpms = [
      rpm('a', 'libc.so.6(GLIBC_2.34)(64bit)', 'libc.so.6(GLIBC_2.2)(64bit)'),
      rpm('b', 'libm.so.6()(64bit)'),
      rpm('c', 'libm.so.6()(64bit)'),
    ];
    await expect(checkLibraries(baseOf(LIBRARIES, LINKS), rpms)).rejects.toThrow(
      [
        'images/base: it lacks',
        'libc.so.6 (GLIBC_2.34), which a needs',
        'libc.so.6 (GLIBC_2.2), which a needs',
        'libm.so.6, which b, c needs',
        'Name a base that has them.',
      ].join('\n  '),
    );
  });
});

test("a base's links never lead to this machine's files", async () => {
  expect(await readText(baseOf({}, { 'etc/passwd': '/etc/hostname' }), 'etc/passwd')).toBe('');
  expect(await readText(baseOf({ 'usr/etc/passwd': 'x' }, { etc: 'usr/etc' }), 'etc/passwd')).toBe('x');
});
