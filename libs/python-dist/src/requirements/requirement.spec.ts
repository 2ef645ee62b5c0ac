import { describe, expect, test } from 'vitest';
import { DistError } from '../dist-error.js';
import { askPython, drawCases, packagingPython, type Random } from '@pinpack/testing';
import { parseRequirement } from './requirement.js';
import { formatSpecifierSet } from '../pep440/specifier.fixture.js';
import { drawVersion } from '../pep440/version.fixture.js';

const PARSE = `
from packaging.requirements import Requirement, InvalidRequirement
from packaging.specifiers import SpecifierSet, InvalidSpecifier
from packaging.markers import Marker
def describe(text):
    try: r = Requirement(text)
    except (InvalidRequirement, InvalidSpecifier): return None
    return [r.name, sorted(r.extras), r.url, r.marker and str(r.marker), str(r.specifier)]
def normal(case):
    text, parsed = case
    if parsed is None: return [describe(text), None]
    name, extras, url, marker, specifiers = parsed
    found = [name, sorted(set(extras)), url, marker and str(Marker(marker)), str(SpecifierSet(specifiers))]
    return [describe(text), found]
results = [normal(case) for case in cases]`;

function drawMarker(random: Random, depth = 0): string {
  const { pick } = random;
  const variable = pick([
    'python_version',
    'os_name',
    'os.name',
    'sys_platform',
    'extra',
    'platform_machine',
    'nonsense',
  ]);
  const operator = pick(['==', '>=', '<', ' in ', ' not in ', '~=', '===', '=', ' not  in ']);
  const value = pick(["'3.8'", '"linux"', "'a b'", "'", 'bare']);
  const item = random.below(4) === 0 ? `${value}${operator}${variable}` : `${variable} ${operator} ${value}`;
  if (depth > 2 || random.below(3) > 0) return item;
  const joined = `${drawMarker(random, depth + 1)}${pick([' and ', ' or ', ' xor '])}${drawMarker(random, depth + 1)}`;
  return random.below(2) === 0 ? `(${joined})` : joined;
}

/** Names do not end in `_` here, which packaging accepts and PEP 508 does not. */
function drawRequirement(random: Random): string {
  const { pick, maybe, below } = random;
  const blank = (): string => pick(['', '', ' ', '  ', '\t']);
  const name = pick(['numpy', 'Zope.interface', 'a', 'ruamel.yaml-clib', 'x_y', '-bad', 'a.', '']);
  const extra = (): string => pick(['test', 'Dev', 'a.b', '']);
  const extras = maybe(
    `[${blank()}${extra()}${maybe(`${blank()},${blank()}${extra()}`)}${blank()}${pick([']', ']', ''])}`,
  );
  const specifier = (): string =>
    `${pick(['>=', '==', '<', '~=', '!=', '===', '='])}${blank()}${drawVersion(random)}${below(8) === 0 ? '.*' : ''}`;
  const several = `${specifier()}${maybe(`${blank()},${blank()}${specifier()}`)}${below(9) === 0 ? ',' : ''}`;
  const version = pick(['', several, several, `(${blank()}${several}${blank()}${pick([')', ')', ''])}`]);
  const url = `@${blank()}${pick(['https://example.org/a.whl', 'file:///x', ''])}${pick([' ', ' ', ''])}`;
  const marker = maybe(`${pick([';', ';', ''])}${blank()}${drawMarker(random)}`);
  return `${blank()}${name}${blank()}${extras}${blank()}${below(8) === 0 ? url : version}${blank()}${marker}${blank()}`;
}

function describeRequirement(text: string) {
  try {
    const { name, extras, specifiers, url, marker } = parseRequirement(text);
    return [name, extras, url ?? null, marker ?? null, formatSpecifierSet(specifiers)];
  } catch (error) {
    if (error instanceof DistError) return null;
    throw error;
  }
}

describe('parseRequirement', () => {
  test('accepts and rejects the same requirements as packaging, with the same parts', async (context) => {
    const python = await packagingPython(context);
    const cases = drawCases(31, 6000, drawRequirement).map((text) => [text, describeRequirement(text)] as const);
    const results = await askPython<[unknown, unknown][]>(python, PARSE, cases);
    const labelled = (side: 0 | 1): unknown[] => cases.map(([text], index) => [text, results[index]?.[side]]);
    expect(labelled(1)).toEqual(labelled(0));
    expect(results.filter(([expected]) => expected !== null).length).toBeGreaterThan(1000);
  });

  test('keeps the marker as text', () => {
    expect(parseRequirement('numpy[a,b] >=2 ; (python_version<"3.12")')).toEqual({
      name: 'numpy',
      extras: ['a', 'b'],
      specifiers: [{ operator: '>=', version: '2', wildcard: false }],
      marker: '(python_version<"3.12")',
    });
  });

  test('limits nested groups', () => {
    expect(() => parseRequirement(`a; ${'('.repeat(1e5)}`)).toThrow(/more than 100 nested groups/);
  });

  test.each([
    ['numpy >> 2', 'expected a version specifier, ";" before a marker, or the end, found ">"', '      ^'],
    ['numpy>=1.*', '".*" is only valid with == and !=', '        ^'],
    ['numpy[a b]', '"," or "]" after an extra', '        ^'],
    ['numpy; nonsense == 1', 'expected a marker variable or a quoted string', '       ^'],
    ['\tnumpy (>=1', 'expected "," or ")", found the end', '\t          ^'],
    ['name_', 'expected the name of a distribution', '^'],
  ])('points at the column: %s', (text, problem, caretLine) => {
    const message = messageOf(() => parseRequirement(text));
    expect(message).toContain(problem);
    expect(message.split('\n').slice(1)).toEqual([`  ${text}`, `  ${caretLine}`]);
    expect(message).toContain(`column ${caretLine.length}:`);
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DistError) return error.message;
  }
  throw new Error('no DistError was thrown');
}
