import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { askPython, installedPythons, temporaryFolder } from '@pinpack/testing';
import { expect, test } from 'vitest';
import { containedLibraries } from './contained-libraries.js';

const SCRIPT = `
import pyexpat, sqlite3, zlib
results = [pyexpat.EXPAT_VERSION.split("_")[1], sqlite3.sqlite_version, zlib.ZLIB_RUNTIME_VERSION]
`;

test('has the versions that the interpreter tells, without the libraries that it needs of the system', async () => {
  const python = installedPythons().at(-1) ?? '';
  const minor = basename(python).slice('python'.length);
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(python, join(folder, 'bin', basename(python)));
  const [expat, sqlite, zlib] = await askPython<string[]>(python, SCRIPT, []);
  const found = await containedLibraries(folder, { minor, external: ['libc.so.6()(64bit)', 'libssl.so.3()(64bit)'] });
  expect(found).toMatchObject({ expat, sqlite, zlib, xz: '', bzip2: '' });
  expect(found).not.toHaveProperty('openssl');
  expect(await containedLibraries(join(folder, 'none'), { minor, external: [] })).toBeUndefined();
});
