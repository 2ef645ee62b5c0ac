import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { Uv } from '../uv/uv.js';
import { findInterpreter } from './interpreter.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A PATH that has only a shim of pyenv for the version, which fails as if the version was not selected. */
function stubPath(minor: string): void {
  const shims = temporaryFolder();
  const shim = join(shims, `python${minor}`);
  writeFileSync(shim, '#!/bin/sh\nexit 127\n');
  chmodSync(shim, 0o755);
  vi.stubEnv('PATH', [shims, '/nowhere'].join(delimiter));
}

test.each([
  ['pyenv', 'PYENV_ROOT', (version: string) => `versions/${version}`],
  ['uv', 'UV_PYTHON_INSTALL_DIR', (version: string) => `cpython-${version}-linux-x86_64-gnu`],
])('finds a Python of %s that is not on PATH', async (_, variable, folderOf) => {
  const uv = await Uv.find(ROOT);
  const { path, version: text } = await findInterpreter(uv, '3.11.2');
  const version = text.split(' ')[0] ?? '';
  const minor = '3.11';
  const root = temporaryFolder();
  const bin = join(root, folderOf(version), 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(path, join(bin, `python${minor}`));
  for (const name of ['PYENV_ROOT', 'UV_PYTHON_INSTALL_DIR']) vi.stubEnv(name, '/dev/null');
  vi.stubEnv(variable, root);
  stubPath(minor);
  const found = await findInterpreter(uv, version);
  expect(found).toMatchObject({
    path: join(bin, `python${minor}`),
    machine: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  });
  expect(found.version.startsWith(`${version} `)).toBe(true);
});

test('reports where it looked', async () => {
  const uv = await Uv.find(ROOT);
  vi.stubEnv('PYENV_ROOT', '/dev/null');
  vi.stubEnv('UV_PYTHON_INSTALL_DIR', '/nowhere/uv');
  const message = await rejected(() => findInterpreter(uv, '3.98.0'));
  expect(message).toContain('DIST_SOURCE_PYTHON_MISSING python3.98: is not installed');
  expect(message).toContain('looked with uv python find, on PATH and in /dev/null/versions, /nowhere/uv');
  expect(message).toContain('pinpack downloads no Python');
});
