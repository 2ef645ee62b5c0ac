import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkInput, formatPath } from './format-issues.js';
import { checkJson, parseJson } from './json.js';

const NAME = z
  .string()
  .regex(/^[a-z]+$/)
  .describe('a name such as web');
const SCHEMA = z.strictObject({
  name: NAME,
  fill: z.enum(['link', 'pip']).default('link'),
  ports: z.array(z.int().min(1).max(65_535).describe('a whole number from 1 to 65535')).optional(),
  env: z.record(z.string().regex(/^\w+$/, 'the name of a variable'), z.string()).optional(),
  http: z.strictObject({ path: z.string({ error: 'a path such as /health' }) }).optional(),
  scripts: z
    .union([z.array(NAME), z.record(z.string(), NAME)])
    .describe('a list or a table of names')
    .optional(),
});

function issues(more: Record<string, unknown>): string[] {
  return checkInput(SCHEMA, { name: 'web', ...more }).issues ?? [];
}

describe('checkInput', () => {
  test('returns the parsed value, with defaults', () => {
    expect(checkInput(SCHEMA, { name: 'web' })).toEqual({ value: { name: 'web', fill: 'link' } });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ name: undefined }, 'name is missing, expected a name such as web'],
    [{ name: 1 }, 'name is 1, expected a name such as web'],
    [{ name: 'Web' }, 'name is "Web", expected a name such as web'],
    [{ fill: 'copy' }, 'fill is "copy", expected link or pip'],
    [{ ports: '80' }, 'ports is "80", expected a list'],
    [{ ports: [80, 0] }, 'ports[1] is 0, expected a whole number from 1 to 65535'],
    [{ env: [] }, 'env is [], expected an object'],
    [{ env: { 'A B': 'x' } }, 'env has the key "A B", expected the name of a variable'],
    [{ env: { A: 1 } }, 'env.A is 1, expected text'],
    [{ http: {} }, 'http.path is missing, expected a path such as /health'],
    [{ http: { path: '/', port: 1 } }, 'http.port is not a setting, expected path'],
    [{ scripts: 'web' }, 'scripts is "web", expected a list or a table of names'],
    [{ scripts: ['Web'] }, 'scripts[0] is "Web", expected a name such as web'],
    [{ scripts: { x: 'Web' } }, 'scripts.x is "Web", expected a name such as web'],
    [{ fil: 'x' }, 'fil is not a setting, did you mean fill? Known: name, fill, ports, env, http, scripts'],
    [{ fill1234: 'x' }, 'fill1234 is not a setting, expected name, fill, ports, env, http, scripts'],
  ])('%j', (more, issue) => {
    expect(issues(more)).toEqual([issue]);
  });

  test('gathers every issue', () => {
    expect(issues({ name: '', fill: 1, x: 1 })).toHaveLength(3);
  });

  test('names input that is no object, and shortens what is long', () => {
    expect(checkInput(SCHEMA, null).issues).toEqual(['the input is null, expected an object']);
    expect(issues({ fill: 'x'.repeat(200) })).toEqual([`fill is "${'x'.repeat(99)}…, expected link or pip`]);
  });
});

test('formatPath quotes keys that are no plain names', () => {
  expect(formatPath(['env', 'A B', 0, 'state-directory'])).toBe('env."A B"[0].state-directory');
});

describe('parseJson', () => {
  test('returns the value, or undefined if the text or the value is damaged', () => {
    expect(parseJson('{"name":"web"}', SCHEMA)).toEqual({ name: 'web', fill: 'link' });
    expect(parseJson('{"name":', SCHEMA)).toBeUndefined();
    expect(parseJson('{"name":1}', SCHEMA)).toBeUndefined();
  });

  test('checkJson gives the issues', () => {
    expect(checkJson('{', SCHEMA).issues).toEqual(['the text is not JSON']);
    expect(checkJson('{}', SCHEMA).issues).toEqual(['name is missing, expected a name such as web']);
  });
});
