import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

/** In place of Nx: writes the task graph that it is asked for, and otherwise its arguments. */
const FAKE_NX = `
const { writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const graph = args.find((arg) => arg.startsWith('--graph='))?.slice('--graph='.length);
const task = { id: 'a:rpm', target: { project: 'a', target: 'rpm' } };
const written = { graph: { nodes: {} }, tasks: { tasks: { 'a:rpm': task }, dependencies: {} } };
writeFileSync(graph ?? 'ran.json', JSON.stringify(graph === undefined ? args : written));
`;

let folder: string;
let root: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-ci-'));
  root = join(folder, 'workspace');
  await mkdir(join(root, 'node_modules/nx'), { recursive: true });
  await writeFile(join(root, 'node_modules/nx/package.json'), '{"bin": {"nx": "nx.cjs"}}');
  await writeFile(join(root, 'node_modules/nx/nx.cjs'), FAKE_NX);
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const add = (text: string): void => void (output += text);
  const environment = { PINPACK_STORE_MODE: 'off' };
  return { code: await runCli(args, { root, environment, out: add, error: add }), output };
}

describe('the plan', () => {
  it.each([
    [
      'at an absolute path outside of the workspace',
      (): string => join(folder, 'kept', 'plan.json'),
      '../kept/plan.json',
    ],
    ['at a path below the workspace', (): string => 'plans/plan.json', 'plans/plan.json'],
  ])('is written and read %s', async (_name, pathOf, expected) => {
    expect(await run('plan', '--shards', '1', '--out', pathOf(), '--', 'affected', '-t', 'rpm')).toMatchObject({
      code: 0,
    });
    expect(JSON.parse(await readFile(join(root, expected), 'utf8'))).toMatchObject({
      version: 1,
      command: 'affected -t rpm',
    });
    expect((await readdir(root)).filter((name) => name !== 'node_modules')).toEqual(
      expected.startsWith('..') ? [] : ['plans'],
    );
    expect(await run('run', '--shard', '1', '--plan', pathOf())).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(join(root, 'ran.json'), 'utf8'))).toEqual([
      'run-many',
      '--targets=rpm',
      '--projects=a',
    ]);
  });

  it('that is missing is reported with its absolute path', async () => {
    const missing = join(folder, 'missing.json');
    const { code, output } = await run('run', '--shard', '1', '--plan', missing);
    expect(code).toBe(1);
    expect(output).toContain(`${missing}: cannot be read`);
  });
});
