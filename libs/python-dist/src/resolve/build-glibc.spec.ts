import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { findInterpreter } from '../build/interpreter.js';
import { Uv } from '../uv/uv.js';
import { compiledNames, glibcWarning, type GlibcRequest } from './build-glibc.js';

const UV = await Uv.find(fileURLToPath(new URL('../../../..', import.meta.url)));
const { libc } = await findInterpreter(UV, '3.11.2');
const GLIBC = Number(/^glibc 2\.(\d+)/.exec(libc)?.[1]);

async function warn(glibc: number, more: Partial<GlibcRequest> = {}): Promise<string | undefined> {
  const root = temporaryFolder();
  mkdirSync(join(root, 'apps/demo/src'), { recursive: true });
  writeFileSync(join(root, 'apps/demo/src/fast.c'), '');
  mkdirSync(join(root, 'apps/pure'), { recursive: true });
  const target = { python: '3.11.2', platform: `manylinux_2_${glibc}_x86_64` };
  const trees = [
    { name: 'My_Demo', path: 'apps/demo' },
    { name: 'pure', path: 'apps/pure' },
  ];
  const sdists = [
    { name: 'a', compiles: true },
    { name: 'b', compiles: false },
  ];
  const request = { target, trees, sdists, ...more };
  return glibcWarning({ uv: UV }, request.target, await compiledNames({ root }, request));
}

test('names what is compiled with a newer glibc, and the platform that would do', async () => {
  const warning = await warn(GLIBC - 1);
  expect(warning).toContain(
    `a, my-demo: compiled on this machine, which has glibc 2.${GLIBC}, for manylinux_2_${GLIBC - 1}_x86_64`,
  );
  expect(warning).toContain(`"platform": "manylinux_2_${GLIBC}_x86_64"`);
});

test('has nothing to say for this glibc, for pure code and without the Python', async () => {
  expect(await warn(GLIBC)).toBeUndefined();
  expect(await warn(5, { trees: [], sdists: [{ name: 'b', compiles: false }] })).toBeUndefined();
  expect(await warn(5, { target: { python: '3.98.0', platform: 'manylinux_2_5_x86_64' } })).toBeUndefined();
});
