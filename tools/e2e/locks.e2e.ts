/** A reqset from another tool's requirements, in a fresh clone: made, locked, asked, packed, and the same pins and edges as pip's own resolver finds. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyWorkspace, Workspace } from './workspace.js';

let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-locks-'));
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'copy'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a lock of another tool', () => {
  it('becomes a reqset that locks and packs, and stays as it is', async () => {
    const hashed = join(folder, 'compiled.txt');
    await writeFile(join(folder, 'wanted.in'), 'requests[socks]\n');
    await workspace.run(
      `.venv/bin/uv pip compile ${folder}/wanted.in --python-version 3.11.2 --exclude-newer 2026-03-01 --generate-hashes --quiet --output-file ${hashed}`,
    );
    await workspace.nx(`g pinpack:reqset imported --from ${hashed}`);
    await workspace.nx(`run imported:lock --from=${hashed}`);
    const lock = await readFile(workspace.path('reqsets/imported/pylock.toml'), 'utf8');
    const pinned = [...(await readFile(hashed, 'utf8')).matchAll(/^([a-z0-9-]+)(?:\[.*\])?==(\S+)/gm)].map(
      ([, name = '', version = '']) => `${name} ${version}`,
    );
    const locked = [...lock.matchAll(/\nname = "([^"]+)"\nversion = "([^"]+)"\n/g)].map(
      ([, name = '', version = '']) => `${name} ${version}`,
    );
    expect(pinned.length).toBeGreaterThan(4);
    expect(locked).toEqual(pinned);
    expect(await workspace.execute('lock', { reqset: 'imported' })).toContain(
      `${pinned.length} pins locked, nothing changed`,
    );
    expect(await readFile(workspace.path('reqsets/imported/pylock.toml'), 'utf8')).toBe(lock);
    await workspace.nx('run imported:rpm');
    expect(await workspace.run('rpm -K dist/rpms/imported/*.rpm')).not.toMatch(/NOT OK/);
    expect(await workspace.nx('run imported:why --pin=idna')).toContain('requests 2');
    const reports = await workspace.nxShown('run-many -t outdated,report -p imported');
    expect(reports).toMatch(/certifi +\S+ /);
    expect(reports).toMatch(/^imported +\d/m);
  });
});

/** At night it is packed too, with empty caches. */
const isNightly = process.env.PINPACK_NIGHTLY === '1';

describe('a real set', () => {
  it(`has the pins and edges that pip's own resolver finds${isNightly ? ', and packs to sound RPMs' : ''}`, async () => {
    const options = isNightly ? '' : '--no-pack';
    await workspace.run(`node tools/real-sets/real-sets.mjs --folder ${folder}/sets ${options} sentry-sdk`);
    const row = JSON.parse(await readFile(join(folder, 'sets/results/sentry-sdk.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(row).toMatchObject({
      isUnchanged: true,
      otherVersions: [],
      otherEdges: [],
      ...(isNightly && { damaged: [] }),
    });
  });
});
