/** The RPM of an application from the store: what passed the check for overlaps is not checked again. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@pinpack/build-store';
import { formatCanonicalFacts } from '@pinpack/rpm-packaging';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeBuiltWheels } from '../overlaps/built-wheels.fixture.js';
import { readApplicationRequest } from '../workspace/read-application.js';
import { writeText } from '../workspace/workspace.fixture.js';
import { canonicalFactsFile } from '../workspace/workspace-paths.js';
import { makeApplicationRpm } from './make-application-rpm.js';

const PROJECT = '[project]\nname = "my-demo"\nversion = "1.0"\n[tool.pinpack]\nreqsets = ["reqset3"]\n';
const UNCHECKED = 'not checked for paths that other pins install too';

let root: string;
let url: string;
let warned: string[];

beforeEach(async () => {
  warned = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void warned.push(line));
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void warned.push(line));
  url = `file://${temporaryFolder()}`;
  root = await writeBuiltWheels({ one: { 'one.py': '1' }, two: { 'two.py': '2' } });
  for (const name of ['my-demo', 'one', 'two']) {
    const stem = `${name.replace('-', '_')}-1.0`;
    const facts = { wheel: `${stem}-py3-none-any.whl`, distInfo: `${stem}.dist-info`, sha256: 'ab'.repeat(32) };
    writeText(root, canonicalFactsFile('reqset3', name), formatCanonicalFacts(facts));
  }
});
afterEach(() => vi.restoreAllMocks());

async function make(): Promise<{ path: string; isRestored: boolean }> {
  const environment = { PINPACK_STORE_MODE: 'read-write', HOME: root };
  const store = await openStore({ url, environment });
  try {
    const request = readApplicationRequest(root, 'reqset3', 'my_app');
    return await makeApplicationRpm({ root, request, vendor: 'ACME', store });
  } finally {
    await store?.close();
  }
}

function forgetWheels(): void {
  rmSync(join(root, 'dist/wheels'), { recursive: true });
}

test('is restored without its wheels if it has passed the check', async () => {
  expect(await make()).toMatchObject({ isRestored: false });
  forgetWheels();
  expect(await make()).toMatchObject({ isRestored: true });
  expect(warned).toEqual([]);
});

test('is checked again if it was made while wheels were unknown', async () => {
  forgetWheels();
  expect(await make()).toMatchObject({ isRestored: false });
  expect(await make()).toMatchObject({ isRestored: true });
  expect(warned.filter((line) => line.includes(UNCHECKED))).toHaveLength(2);
});

test('is checked before it is restored if settings name another command, which is not in its key', async () => {
  const { path } = await make();
  rmSync(path);
  writeText(root, 'apps/my_app/pyproject.toml', `${PROJECT}smoke = { command = ["absent"] }\n`);
  expect(await rejected(make)).toContain('PINPACK_COMMAND_MISSING');
  expect(existsSync(path)).toBe(false);
});
