import { describe, expect, it } from 'vitest';
import { operandsOf } from './relation.js';

describe('operandsOf', () => {
  it.each([
    ['/bin/sh', ['/bin/sh']],
    ['libz.so.1()(64bit)', ['libz.so.1()(64bit)']],
    ['(/usr/bin/python3 or pinpack-interpreter)', ['/usr/bin/python3', 'or', 'pinpack-interpreter']],
    [
      '((libz.so.1()(64bit) if a) and (b or python(abi) = 3.11))',
      ['libz.so.1()(64bit)', 'if', 'a', 'and', 'b', 'or', 'python(abi)', '=', '3.11'],
    ],
  ])('%s: %j', (name, words) => {
    expect(operandsOf(name)).toEqual(words);
  });
});
