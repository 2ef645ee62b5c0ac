import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { createWorkspace } from './create-workspace.js';
import { parseCommand } from './parse-command.js';

// tools/e2e/start.e2e.ts runs the program as it is published.
describe('create-pinpack', () => {
  test.each([
    [[], { folder: '.', init: [] }],
    [['ours', '--reqsets', 'all', '--no-uv'], { folder: 'ours', init: ['--reqsets=all', '--uv=false'] }],
    [['--store=file:///srv/store'], { folder: '.', init: ['--store=file:///srv/store'] }],
    [['-h'], 'help'],
  ])('%j', (words, expected) => {
    expect(parseCommand(words)).toEqual(expected);
  });

  test.each([
    [['a', 'b'], /unexpected b/],
    [['--stroe=x'], /--stroe/],
    [['--reqsets'], /--reqsets/],
  ])('refuses %j, and shows the usage', (words, message) => {
    expect(() => parseCommand(words)).toThrow(message);
    expect(() => parseCommand(words)).toThrow(/Usage: npx create-pinpack/);
  });

  test('refuses a folder inside another Nx workspace, and creates nothing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'nx.json'), '{}');
    await expect(createWorkspace(folder, { folder: 'inner', init: [] })).rejects.toMatchObject({
      code: 'CREATE_INSIDE_WORKSPACE',
      message: expect.stringContaining(`cd ${folder} && npm install`) as string,
    });
    expect(readdirSync(folder)).toEqual(['nx.json']);
  });

  test('refuses a damaged package.json, and leaves it', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/package.json'), '{ "name": ');
    await expect(createWorkspace(folder, { folder: 'own', init: [] })).rejects.toMatchObject({
      code: 'CREATE_MANIFEST_INVALID',
    });
    expect(readdirSync(join(folder, 'own'))).toEqual(['package.json']);
  });
});
