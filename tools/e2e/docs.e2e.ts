/** The commands of README and docs that work in a clone of this repository, in one copy of the built clone. docs/start.md has a test of its own. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runPage } from '../docs/run-page.js';
import { readBlocks } from '../docs/read-blocks.js';
import { copyWorkspace, Workspace, WORKSPACE } from './workspace.js';

let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-docs-'));
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'workspace'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('each command works, and shows what its page shows', async () => {
  const names = ['README.md', ...(await readdir(join(WORKSPACE, 'docs'))).map((name) => `docs/${name}`)];
  const pages = names.filter((name) => name.endsWith('.md') && name !== 'docs/start.md').sort();
  const differences: string[] = [];
  let blocks = 0;
  for (const page of pages) {
    const text = await readFile(join(WORKSPACE, page), 'utf8');
    const runs = readBlocks(text).filter(({ isRun }) => isRun).length;
    if (runs === 0) continue;
    blocks += runs;
    const none = () => Promise.reject(new Error(`${page}: only docs/start.md has a server`));
    // Other tests share the store, so it may have an RPM that a reader has to build.
    const shell = async (line: string) => {
      const result = await workspace.shell(line);
      return { ...result, all: result.all.replaceAll(', from the store', '') };
    };
    differences.push(...(await runPage(text, page, { $: shell, '#': none })));
    // Each page begins with the files of the repository.
    await workspace.run('git checkout --quiet -- . && git clean --quiet -fd reqsets apps');
  }
  expect(differences.join('\n')).toBe('');
  expect(blocks).toBeGreaterThan(4);
});
