import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RpmError } from './errors.js';
import { compareEvr, compareVersions, formatEvr, parseEvr } from './evr.js';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';

type Pair = [string, string];

const TELLING: Pair[] = [
  ['1.0', '1.0'],
  ['1.0', '1.0.'],
  ['1.0', '1.0a'],
  ['1.0~rc1', '1.0'],
  ['1.0~~', '1.0~'],
  ['1.0^', '1.0'],
  ['1.0^git1', '1.0.1'],
  ['1.0^git1~pre', '1.0^git1'],
  ['1.0~rc1^git1', '1.0~rc1'],
  ['2_0', '2.0'],
  ['a', '1'],
  ['1a', '1.a'],
  ['010', '10'],
  ['20240101123456789012345', '20240101123456789012346'],
  ['1.0.post1', '1.0'],
  ['é1', '1'],
];

describeWith(['rpm'], 'versions in the order of rpm', () => {
  it('agrees on thousands of versions', () => {
    const pairs = [...TELLING, ...generatePairs(6000, generateVersion)];
    expect(pairs.map(([a, b]) => compareVersions(a, b))).toEqual(rpmOrder(pairs));
  });

  it('agrees on epochs and releases', () => {
    const pairs = generatePairs(6000, (next) => {
      const epoch = next(3) === 0 ? `${next(3)}:` : '';
      const release = next(2) === 0 ? `-${generateVersion(next)}` : '';
      return epoch + generateVersion(next) + release;
    }).filter((pair) => pair.every((text) => /^(\d{1,3}:)?[^:-]+(-[^:-]+)?$/.test(text)));
    expect(pairs.length).toBeGreaterThan(3000);
    expect(pairs.map(([a, b]) => compareEvr(a, b))).toEqual(rpmOrder(pairs));
  });
});

it.each(TELLING)('is the other way round with the arguments exchanged: %j %j', (a, b) => {
  expect(compareVersions(b, a)).toBe(0 - compareVersions(a, b));
});

it.each(['1', '0:1', '1.2-3', '12:1.2~rc1^x-3.el9'])('parses and formats %s', (text) => {
  expect(formatEvr(parseEvr(text))).toBe(text);
});

it('takes a missing epoch for 0, and sorts a missing release first', () => {
  expect(compareEvr('1.0-5', '0:1.0-5')).toBe(0);
  expect(compareEvr({ version: '1.0' }, '1.0-0')).toBe(-1);
  expect(compareEvr('1.0-0', { version: '1.0' })).toBe(1);
  expect(compareEvr('1.0', { version: '1.0' })).toBe(0);
  expect(parseEvr('1.0')).toStrictEqual({ version: '1.0' });
});

it.each(['', '-', '1-', ':1', 'x:1', '1:', '1-2-3', '1 2', '1:2:3'])('refuses %j', (text) => {
  expect(() => parseEvr(text)).toThrow(RpmError);
  expect(() => parseEvr(text)).toThrow('expected [epoch:]version[-release]');
});

function rpmOrder(pairs: Pair[]): number[] {
  const script = join(temporaryFolder(), 'order.lua');
  const list = pairs.map(([a, b]) => `{${JSON.stringify(a)},${JSON.stringify(b)}}`).join(',\n');
  writeFileSync(script, `for _, pair in ipairs({${list}}) do print(rpm.vercmp(pair[1], pair[2]) .. " ") end`);
  return run('rpm', ['--eval', `%{lua:dofile("${script}")}`])
    .trim()
    .split(/\s+/)
    .map(Number);
}

/** The same pairs in every run: a linear congruential generator. */
function generatePairs(count: number, generate: (next: (limit: number) => number) => string): Pair[] {
  let state = 42;
  const next = (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * limit);
  };
  return Array.from({ length: count }, () => {
    const first = generate(next);
    // Half of the pairs share a beginning, where the interesting comparisons are.
    return [first, next(2) === 0 ? generate(next) : first + generate(next)];
  });
}

function generateVersion(next: (limit: number) => number): string {
  const parts = [
    '0',
    '1',
    '9',
    '10',
    '00',
    '01',
    '007',
    'a',
    'b',
    'rc',
    'A',
    '.',
    '..',
    '_',
    '+',
    '~',
    '~~',
    '^',
    '.',
    '20240101',
  ];
  return Array.from({ length: 1 + next(5) }, () => parts[next(parts.length)]).join('');
}
