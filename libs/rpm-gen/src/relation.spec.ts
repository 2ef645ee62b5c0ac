import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attemptSync, describeWith, temporaryFolder } from '@pinpack/testing';
import { encodeRelation, formatRelation, operandsOf, versionsOf } from './relation.js';
import { minimalSpec, NONE, sampleRpm } from './samples.fixture.js';
import type { Relation } from './spec.js';

const RELATIONS: Relation[] = [
  { name: 'bare' },
  { name: 'less', sense: '<', version: '1' },
  { name: 'at-most', sense: '<=', version: '1~rc1' },
  { name: 'equal', sense: '=', version: '2:1-1' },
  { name: 'at-least', sense: '>=', version: '1^post' },
  { name: 'more', sense: '>', version: '1' },
  { name: 'libz.so.1()(64bit)', when: ['post', 'preun'] },
  { name: 'for-scripts', sense: '>=', version: '1', when: ['pre'] },
  { name: '( foo>=1.2   if bar )' },
];

describeWith(['rpm'], 'formatRelation', () => {
  it('prints what rpm prints, with every operator', async () => {
    const path = join(temporaryFolder(), 'relations.rpm');
    writeFileSync(path, await sampleRpm(minimalSpec({ requires: RELATIONS }), [], NONE));
    const { output } = attemptSync('rpm', ['-qp', '--requires', path]);
    const printed = output.trim().split('\n');
    const own = printed.filter((line) => !line.startsWith('rpmlib('));
    expect(own.sort()).toEqual(RELATIONS.map(encodeRelation).map(formatRelation).sort());
  });

  it('leaves out an operator without a version, and a version without an operator', () => {
    expect(formatRelation({ name: 'a', flags: 8, version: '' })).toBe('a');
    expect(formatRelation({ name: 'a', flags: 0, version: '1' })).toBe('a');
  });
});

describe('versionsOf', () => {
  it.each<[Relation, string[]]>([
    [{ name: 'a' }, []],
    [{ name: 'libz.so.1()(64bit)' }, []],
    [{ name: 'a', sense: '>=', version: '1~rc1' }, ['1~rc1']],
    [{ name: '(a >= 1.2~rc1 if (b < 3 or c))' }, ['1.2~rc1', '3']],
  ])('%j: %j', (relation, versions) => {
    expect(versionsOf(relation)).toEqual(versions);
  });
});

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
