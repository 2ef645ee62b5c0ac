import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, temporaryFolder } from '@pinpack/testing';
import { RpmError } from './errors.js';
import { buildReference } from './reference.fixture.js';
import { readRpm } from './read.js';
import { minimalSpec, sampleRpm } from './samples.fixture.js';
import type { Relation, RpmSpec } from './spec.js';
import { validateSpec } from './validate.js';

const KINDS = [
  ...(['requires', 'provides', 'conflicts', 'obsoletes'] as const),
  ...(['recommends', 'suggests', 'supplements', 'enhances'] as const),
];

const NAMES = [
  ...['foo', 'foo(x)', 'font(:lang=en)', 'libz.so.1()(64bit)', '/x/y', '-foo', '!foo', '"foo"', 'rpmlib(X)', 'été'],
  ...['(a)', '(a > 1)', '(a or b)', '(a and b and c)', '(a and b or c)', '(a with b)', '(a without b)'],
  ...['(a if b)', '(a unless b)', '(a if b else c)', '(a unless b else c)', '(a if b if c)', '(a else b)'],
  ...['(a and (b if c))', '(a or (b if c))', '(a and (b unless c))', '(a or (b unless c))', '(a and (b or (c if d)))'],
  ...['(a if (b if c))', '(a if (b unless c))', '(a unless (b if c))', '(a or (b and (c if d)))', '((a or b))'],
  ...['(a with (b or c))', '(a with (b and c))', '(a with (b if c))', '(a without (b or c))', '(a with b and c)'],
  ...['(a without b without c)', '(a with b with c)', '(a if b else (c if d))', '((a if b) and c)', '((a if b) or c)'],
  ...['(a or b', '(a or b))', '(a xor b)', '()', '(a or )', '(or b)', '(a b)', '(a or -b)', '(/x > 1)', '(a >= 1-2-3)'],
  ...[
    '(a >= 1:2~rc1-3 or b)',
    '(a => 1)',
    '(foo(x) or b)',
    '(foo(x)',
    '(libz.so.1()(64bit) or b == 2)',
    '(a  or b)',
    '(a or,b)',
  ],
];

describeWith(['rpmspec', 'rpmbuild', 'rpm'], 'relations as rpmbuild takes them', () => {
  it('refuses in each list what rpmbuild refuses there, and nothing else', () => {
    const cases = NAMES.flatMap((name) => KINDS.map((kind) => ({ name, kind })));
    const refused = rpmRefuses(cases);
    const differing = cases.filter(
      (one) => accepts({ [one.kind]: [{ name: one.name }] }) === refused.has(`${one.kind}: ${one.name}`),
    );
    expect(differing).toEqual([]);
    expect(refused.size).toBeGreaterThan(NAMES.length);
  });

  it('writes rich dependencies as rpmbuild normalizes them', async () => {
    const requires = ['(a  or b)', '(a => 1)', '(a == 1-2 if b  <  3 else (c,or d))'].map((name) => ({ name }));
    const spec = minimalSpec({ requires });
    const reference = await buildReference(temporaryFolder(), spec, []);

    const names = readRpm(readFileSync(reference)).header.REQUIRENAME;
    expect(readRpm(await sampleRpm(spec, [])).header.REQUIRENAME).toEqual(
      expect.arrayContaining(names?.filter((name) => name.startsWith('(')) ?? []),
    );
  });

  const plain: Relation = { name: 'foo' };
  const newer: Relation = { name: 'foo', sense: '>', version: '1.2' };
  const older: Relation = { name: 'foo', sense: '<', version: '1.1' };
  it.each<[Relation[], boolean]>([
    [[plain, newer], false],
    [[newer, older], true],
    [[older, { name: 'foo', sense: '<=', version: '1' }], false],
    [[newer, { name: 'foo', sense: '=', version: '1.2-1' }], true],
    [
      [
        { name: 'foo', sense: '=', version: '1.2-1' },
        { name: 'foo', sense: '=', version: '1.2' },
      ],
      false,
    ],
    [
      [
        { name: 'foo', sense: '=', version: '1.2-1' },
        { name: 'foo', sense: '=', version: '1.2-2' },
      ],
      true,
    ],
    [[newer, { name: 'bar' }], true],
  ])('takes the conditions %j of one trigger: %s', async (packages, taken) => {
    const spec = minimalSpec({ packageTriggers: [{ on: 'in', packages, interpreter: '/bin/sh', body: 'true' }] });

    const reference = readRpm(readFileSync(await buildReference(temporaryFolder(), spec, []))).header;
    // rpmbuild leaves out conditions and succeeds.
    expect(reference.TRIGGERNAME?.length === packages.length).toBe(taken);
    expect(accepts(spec)).toBe(taken);
  });
});

function accepts(more: Partial<RpmSpec>): boolean {
  try {
    validateSpec(minimalSpec(more));
    return true;
  } catch (error) {
    if (error instanceof RpmError) return false;
    throw error;
  }
}

/** The lines of specs that rpm refuses; its messages end with them. */
function rpmRefuses(cases: readonly { kind: string; name: string }[]): Set<string> {
  const at = temporaryFolder();
  const preamble = ['Name: t', 'Version: 1', 'Release: 1', 'Summary: s', 'License: l', 'BuildArch: noarch'];
  const lines = cases.map(({ kind, name }) => `${kind}: ${name}`);
  const paths = lines.map((line, i) => {
    const path = join(at, `${i}.spec`);
    writeFileSync(path, [...preamble, line, '%description', 'd', '%files', ''].join('\n'));
    return path;
  });
  const { stderr } = spawnSync('rpmspec', ['-P', ...paths], { encoding: 'utf8' });
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: line'));
  return new Set(lines.filter((line) => errors.some((error) => error.endsWith(line))));
}
