import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { temporaryFolder } from '@pinpack/testing';
import { writeWorkspace } from '../workspace/workspace.fixture.js';
import { runCli } from './run-cli.js';

async function run(words: string[], folder: string) {
  const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) => spy.mockReturnValue(undefined));
  try {
    const code = await runCli(words, folder);
    const [output = '', errors = ''] = spies.map((spy) => spy.mock.calls.map(([line]) => String(line)).join('\n'));
    return { code, output, errors };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('the program pinpack', () => {
  let root: string;
  beforeAll(async () => {
    root = await writeWorkspace('multi', [samplePackage({ name: 'six', version: '1.0' })], {
      py311: { python: '3.11.2', platform: 'manylinux_2_28_x86_64' },
    });
    // Nx allows comments.
    writeFileSync(join(root, 'nx.json'), '{\n  // the plugin\n  "plugins": ["pinpack"]\n}\n');
    mkdirSync(join(root, 'reqsets/multi/deep'));
  });

  test.each(['multi/py311', 'multi-py311'])('answers about %s from any folder, and its JSON is alone', async (set) => {
    const { code, output, errors } = await run(['why', set, 'six', '--json'], join(root, 'reqsets/multi/deep'));
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(JSON.parse(output)).toMatchObject({ name: 'six', version: '1.0' });
  });

  test.each([
    [[], 2, /pinpack why <reqset> <pin>/],
    [['--help'], 0, /pinpack why <reqset> <pin>/],
    [['why', '--help'], 0, /pinpack why <reqset> <pin>/],
    [['wy', 'multi'], 2, /unknown command wy/],
    [['why', 'multi/py311'], 2, /why: <pin> is missing/],
    [['why', 'multi/py311', 'six', 'more'], 2, /why: unexpected more/],
    [['report', 'multi/py311', '--jsn'], 2, /Unknown option '--jsn'/],
    [['report', 'other'], 1, /PINPACK_SET_UNKNOWN\]\n {2}expected one of multi\/py311/],
    [['why', 'multi/py311', 'seven'], 1, /PINPACK_PIN_UNKNOWN/],
  ])('%j: exit code %i', async (words, expected, text) => {
    const { code, output, errors } = await run(words, root);
    expect(code).toBe(expected);
    expect(output + errors).toMatch(text);
  });

  test('needs a workspace', async () => {
    expect(await run(['report', 'x'], temporaryFolder())).toMatchObject({
      code: 1,
      errors: expect.stringContaining('[PINPACK_NO_WORKSPACE]') as string,
    });
  });
});
