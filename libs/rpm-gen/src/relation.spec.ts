import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attemptSync, describeWith, temporaryFolder } from '@pinpack/testing';
import { compareRelations, encodeRelation, formatRelation, operandsOf, versionsOf } from './relation.js';
import { readRpm } from './read.js';
import { buildReference } from './reference.fixture.js';
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

  it('marks the moment of a requirement as rpm names it', async () => {
    // Those that rpm 4.18 knows.
    const moments = ['pre', 'post', 'preun', 'postun', 'pretrans', 'posttrans', 'verify'] as const;
    const requires = moments.map((moment): Relation => ({ name: `for-${moment}`, when: [moment] }));
    const path = join(temporaryFolder(), 'moments.rpm');
    writeFileSync(path, await sampleRpm(minimalSpec({ requires: [...requires, { name: 'for-manual' }] }), [], NONE));
    const { output } = attemptSync('rpm', ['-qp', '--qf', '[%{REQUIRENAME} %{REQUIREFLAGS:deptype}\n]', path]);
    const shown = output.split('\n').filter((line) => line.startsWith('for-'));
    expect(shown).toEqual(['manual', ...moments].sort().map((moment) => `for-${moment} ${moment}`));
  });

  it('leaves out an operator without a version, and a version without an operator', () => {
    expect(formatRelation({ name: 'a', flags: 8, version: '' })).toBe('a');
    expect(formatRelation({ name: 'a', flags: 0, version: '1' })).toBe('a');
  });
});

describeWith(['rpmbuild'], 'encodeRelation', () => {
  it('gives the name, the flags and the version that rpmbuild writes', async () => {
    const requires = [...RELATIONS, { name: '(a  < 1 with ( b == 2,or c => 3))' }];
    const reference = await buildReference(temporaryFolder(), minimalSpec({ requires }), []);
    const { REQUIRENAME = [], REQUIREFLAGS = [], REQUIREVERSION = [] } = readRpm(readFileSync(reference)).header;
    const theirs = REQUIRENAME.map((name, i) => ({ name, flags: REQUIREFLAGS[i], version: REQUIREVERSION[i] }));
    const ours = requires.map(encodeRelation).sort(compareRelations);
    expect(ours).toEqual(theirs.filter(({ name }) => !name.startsWith('rpmlib(')));
  });
});

describe('versionsOf', () => {
  it.each<[Relation, string[]]>([
    [{ name: 'a' }, []],
    [{ name: 'python(abi)' }, []],
    [{ name: 'libz.so.1()(64bit)' }, []],
    [{ name: 'a', sense: '>=', version: '1~rc1' }, ['1~rc1']],
    [{ name: '(a >= 1.2~rc1 if (b < 3 or c))' }, ['1.2~rc1', '3']],
  ])('%j: %j', (relation, versions) => {
    expect(versionsOf(relation)).toEqual(versions);
  });
});

describe('compareRelations', () => {
  it('sorts by the bytes of the name, then by the version, then by the flags', () => {
    const sorted = ['a 0 ', 'a 8 1', 'a 12 1', 'a 2 2', 'a-b 0 ', 'b 0 ', '\uffee 0 ', '🦀 0 '];
    const relations = sorted.map((text) => {
      const [name = '', flags, version = ''] = text.split(' ');
      return { name, flags: Number(flags), version };
    });
    for (const [i, a] of relations.entries()) {
      for (const [j, b] of relations.entries()) expect(Math.sign(compareRelations(a, b))).toBe(Math.sign(i - j));
    }
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
