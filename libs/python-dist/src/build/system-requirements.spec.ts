import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { checkSystem } from './system-requirements.js';

const PIN = { name: 'demo', version: '1.0' };

test('finds programs, headers and pkg-config modules', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'pkgconfig'));
  writeFileSync(join(folder, 'pkgconfig/demo.pc'), 'Name: demo\nDescription: demo\nVersion: 1\n');
  writeFileSync(join(folder, 'demo.h'), '');
  const environment = { PKG_CONFIG_PATH: join(folder, 'pkgconfig'), CPATH: folder };
  const needs = ['program:cc', 'header:stdio.h', 'header:demo.h', 'pkg-config:demo'];
  await expect(checkSystem(PIN, needs, { environment })).resolves.toBeUndefined();
});

test('reports everything that is missing, with the packages that provide it', async () => {
  const needs = ['program:cc', 'program:no-such-program', 'header:spatialindex/no_such.h', 'pkg-config:no-such'];
  await expect(checkSystem(PIN, needs, { environment: {} })).rejects.toThrow(
    [
      'demo 1.0: its build needs programs or libraries that are not installed ("system" in reqset.json)',
      "program no-such-program: find its package: apt-file search bin/no-such-program, dnf provides '*/bin/no-such-program'",
      'header spatialindex/no_such.h: Debian: libspatialindex-dev, Fedora: spatialindex-devel',
      "pkg-config no-such: find its package: apt-file search no-such.pc, dnf provides '*/no-such.pc'",
      'Install them and run the command again.',
    ].join('\n  '),
  );
});
