import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../programs.fixture.js';
import { thrown } from '../thrown.fixture.js';
import { parseSettings, readSettings } from './settings.js';

const DEFAULTS = { python: '3.11.2', platform: 'manylinux_2_28_x86_64', bytecode: false };
const FILE = 'reqsets/reqset3/reqset.json';

function refused(text: string): string {
  return thrown(() => parseSettings(text, FILE));
}

describe('parseSettings', () => {
  test.each([
    ['{}', {}],
    ['{"$schema": "../x.json"}', {}],
    ['{"python": "3.9.18"}', { python: '3.9.18' }],
    ['{"bytecode": true}', { bytecode: true }],
    ['{"platform": "manylinux2014_aarch64"}', { platform: 'manylinux2014_aarch64' }],
  ])('%s', (text, expected) => {
    expect(parseSettings(text, FILE)).toEqual({ ...DEFAULTS, ...expected });
  });

  test('tells every issue at once', () => {
    expect(refused('{"pyhton": "3.11.2", "python": "3.11", "platform": "linux_x86_64", "bytecode": 1}')).toBe(
      [
        'PINPACK_SETTINGS_INVALID reqsets/reqset3/reqset.json: "pyhton" is not a setting, expected python, platform or bytecode',
        '"python" is "3.11", expected a full version such as 3.11.2: the patch version decides some markers',
        '"platform" is "linux_x86_64", expected a platform tag such as manylinux_2_28_x86_64',
        '"bytecode" is 1, expected true or false',
      ].join('\n  '),
    );
  });

  test.each(['[]', 'null', '"3.11.2"', '3'])('%s is no object of settings', (text) => {
    expect(refused(text)).toBe(
      `PINPACK_SETTINGS_INVALID ${FILE}: found ${text}, expected an object such as {"python": "3.11.2"}`,
    );
  });

  test.each(['{"python": 3.11}', '{"python": null}', '{"python": ["3.11.2"]}'])('%s is no version', (text) => {
    const found = JSON.stringify((JSON.parse(text) as { python: unknown }).python);
    expect(refused(text)).toBe(
      `PINPACK_SETTINGS_INVALID ${FILE}: "python" is ${found}, expected a full version such as 3.11.2: the patch version decides some markers`,
    );
  });

  test('tells what is no JSON', () => {
    expect(refused('{"python": ')).toMatch(/^PINPACK_SETTINGS_INVALID reqsets\/reqset3\/reqset\.json: Unexpected end/);
  });

  test('agrees with the JSON schema that editors read', () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/reqset.schema.json', import.meta.url), 'utf8')) as {
      properties: Record<string, { pattern?: string; default?: string | boolean }>;
    };
    const settings = Object.entries(schema.properties).filter(([key]) => key !== '$schema');
    expect(Object.fromEntries(settings.map(([key, value]) => [key, value.default]))).toEqual(DEFAULTS);
    const values = ['3.11.2', '3.11', '2.7.18', 'manylinux_2_28_x86_64', 'manylinux1_x86_64', 'linux_x86_64', 'any'];
    for (const [key, { pattern }] of settings) {
      if (pattern === undefined) continue;
      for (const value of values) {
        const accepts = () => parseSettings(JSON.stringify({ [key]: value }), FILE);
        if (new RegExp(pattern).test(value)) expect(accepts()).toMatchObject({ [key]: value });
        else expect(accepts).toThrow(`"${key}" is "${value}"`);
      }
    }
  });
});

describe('readSettings', () => {
  test('reads the file, and does without it', async () => {
    const root = temporaryFolder();
    expect(await readSettings(root, 'reqset3')).toEqual(DEFAULTS);
    mkdirSync(join(root, 'reqsets/reqset3'), { recursive: true });
    writeFileSync(join(root, FILE), '{"python": "3.12.1"}');
    expect(await readSettings(root, 'reqset3')).toEqual({ ...DEFAULTS, python: '3.12.1' });
  });

  test('does not take a file that cannot be read for one that is not there', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, FILE), { recursive: true });
    await expect(readSettings(root, 'reqset3')).rejects.toThrow('EISDIR');
  });
});
