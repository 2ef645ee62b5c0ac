/** Compared with smol-toml, which parses the whole language. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { fuzz, fuzzOptions } from '@pinpack/testing';
import { parsePlainToml } from './parse-plain-toml.js';

const REQSETS = fileURLToPath(new URL('../../../../reqsets', import.meta.url));

function readLocks(): Buffer[] {
  const files = readdirSync(REQSETS, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\/pylock(?:\.[^/]*)?\.toml$/.test(file))
    .map((file) => readFileSync(`${REQSETS}/${file}`));
}

test('reads each lock of this workspace as the parser of the whole language does', () => {
  const locks = readLocks().map(String);
  expect(locks.length).toBeGreaterThan(3);
  for (const lock of locks) expect(parsePlainToml(lock)).toEqual(parse(lock));
});

test.each([
  'a = "x"\nb = 10\nc = true\nd = [ "p", "q \\"r\\"" ]\ne = []\n[t.u]\nf = false\n[[r]]\n[[r.s]]\ng = "\\\\"\n[[r]]\n',
  '[a.b]\nc = 1\n[a.d]\n[a.b.e]\n# a comment\n',
  'constructor = "a"\n[toString]\nhasOwnProperty = 1\n',
])('reads %j', (text) => {
  expect(parsePlainToml(text)).toEqual(parse(text));
});

test.each([
  ...[
    'a = "\\u0041"',
    "a = 'x'",
    'a = 1_000',
    'a = 01',
    'a = 1.5',
    'a = 1979-05-27',
    'a = { b = 1 }',
    'a.b = 1',
    '"a" = 1',
  ],
  ...[
    'a = "x" # y',
    ' a = 1',
    'a=1',
    '[ a ]',
    'a = 1\r',
    '[[a]',
    '[a]]',
    '[a..b]',
    '[]',
    '__proto__ = 1',
    '[__proto__]',
    'a = "\t"',
  ],
  ...[
    'a = 1\na = 2',
    '[a]\n[a]',
    '[a.b]\n[a]',
    'a = 1\n[a]',
    'a = 1\n[a.b]',
    'a = []\n[[a]]',
    'a = [ "x" ]\n[[a]]',
    '[a]\n[[a]]',
  ],
  ...['[[a]]\n[a]', 'a = """', 'a = [', 'a', '#\u0000', 'a = "\u0001"', '[__proto__.a]', '[[__proto__]]'],
])('leaves %j to it', (text) => {
  expect(parsePlainToml(text)).toBeUndefined();
});

test('a mutated lock is read as the parser of the whole language does, or left to it', fuzzOptions(700), async () => {
  const samples = readLocks().map((lock) => lock.subarray(0, 3000));
  await fuzz({ samples, usual: 700 }, (data) => {
    const text = data.toString('utf8');
    const found = parsePlainToml(text);
    if (found !== undefined) expect(parse(text)).toEqual(found);
  });
});
