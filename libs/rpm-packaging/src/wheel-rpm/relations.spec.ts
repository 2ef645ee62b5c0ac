import { normalizeName, parseRequirement, parseVersion, formatPublicVersion } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { askPackaging, drawCases, needProgram, type Random } from '@pinpack/testing';
import { askRpm, isSatisfied, type Provider } from './relations.fixture.js';
import { requirementRelations } from './relations.js';
import { formatRpmVersion, rpmVersion } from '../names/rpm-version.js';
import { drawNeighbour, drawSpecifier, drawVersion } from '../names/rpm-version.fixture.js';

const NAME = 'reqset3-wheel-numpy';

const CONTAINS = `
from packaging.specifiers import SpecifierSet
from packaging.version import Version
results = [SpecifierSet(specifiers).contains(Version(version), prereleases=True) for specifiers, version in cases]`;

type Case = readonly [specifiers: string, version: string];

function relationsOf(specifiers: string) {
  return requirementRelations(`numpy${specifiers}`, (name) => `reqset3-wheel-${normalizeName(name)}`);
}

/** The wheel RPM of a version, as planWheelRpm makes it: it provides its version, and that without the local part. */
function providerOf(text: string): Provider {
  const version = parseVersion(text);
  const withoutLocal = formatRpmVersion(rpmVersion(formatPublicVersion(version)));
  const provides = [{ name: NAME, sense: '=', version: `${withoutLocal}-1` }] as const;
  return { ...rpmVersion(text), provides: version.local === undefined ? [] : provides };
}

function isSatisfiedBy(specifiers: string, version: string): boolean {
  const { provides, ...own } = providerOf(version);
  const versions = [`${formatRpmVersion(own)}-1`, ...provides.map((provided) => provided.version ?? '')];
  return isSatisfied(relationsOf(specifiers), versions);
}

function drawCase(random: Random): Case {
  const specifiers = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => drawSpecifier(random));
  const version = random.below(4) === 0 ? drawVersion(random) : drawNeighbour(random, random.pick(specifiers));
  return [specifiers.join(','), version];
}

/** Cases in which packaging compares only the version's release; docs/decisions/0003-versions.md has each with its reason. */
const ACCEPTED: Record<string, (specifier: string, version: string) => boolean> = {
  '<1.7.post1 refuses 1.7rc1': (specifier, version) =>
    /^<[^=]/.test(specifier) && partsOf(specifier).includes(' post') && / (?:pre|dev)/.test(partsOf(version)),
  '>1.7rc1 refuses 1.7.post1': (specifier, version) =>
    /^>[^=]/.test(specifier) && / (?:pre|dev)/.test(partsOf(specifier)) && partsOf(version).includes(' post'),
  '>1.7.post1 refuses 1.7.post2+cpu': (specifier, version) =>
    /^>[^=]/.test(specifier) && / (?:pre|post|dev)/.test(partsOf(specifier)) && partsOf(version).includes(' local'),
};

function partsOf(text: string): string {
  const { pre, post, dev, local } = parseVersion(text.replace(/^[<>]/, ''));
  return Object.entries({ pre, post, dev, local })
    .map(([part, value]) => (value === undefined ? '' : ` ${part}`))
    .join('');
}

function acceptedDeviation([specifiers, version]: Case): string | undefined {
  const base = (text: string): string => {
    const { epoch, release } = parseVersion(text);
    return formatRpmVersion(rpmVersion(`${epoch}!${release.join('.')}`));
  };
  for (const specifier of specifiers.split(',').filter((text) => /^[<>][^=]/.test(text))) {
    if (base(specifier.slice(1)) !== base(version)) continue;
    const found = Object.entries(ACCEPTED).find(([, applies]) => applies(specifier, version));
    if (found !== undefined) return found[0];
  }
  return undefined;
}

describe('requirementRelations', () => {
  test.each([
    ['', NAME],
    ['>=1.26', `${NAME} >= 1.26.0`],
    ['<2.7', `${NAME} < 2.7.0~~`],
    ['<2.7rc1', `${NAME} < 2.7.0~rc1`],
    ['==1.26.*', `${NAME} >= 1.26.0~~, ${NAME} < 1.27.0~~`],
    ['~=1.26.4', `${NAME} >= 1.26.4, ${NAME} < 1.27.0~~`],
    ['~=1!2.0', `${NAME} >= 1:2.0.0, ${NAME} < 1:3.0.0~~`],
    ['>1.26', `${NAME} > 1.26.0.0`],
    ['!=1.26', `(${NAME} without ${NAME} = 1.26.0)`],
    ['!=1.26.*', `(${NAME} < 1.26.0~~ or ${NAME} >= 1.27.0~~)`],
    ['===1.26', `${NAME} = 1.26.0`],
    ['<2.7,>=1.26.4', `${NAME} < 2.7.0~~, ${NAME} >= 1.26.4`],
  ])('numpy%s becomes %s', (specifiers, expected) => {
    const written = relationsOf(specifiers).map(({ name, sense, version }) =>
      sense === undefined ? name : `${name} ${sense} ${version ?? ''}`,
    );
    expect(written.join(', ')).toBe(expected);
  });

  test('is satisfied by the versions that packaging accepts, and by no others', async (context) => {
    const cases = drawCases(1, 30_000, drawCase);
    const expected = await askPackaging<boolean[]>(context, CONTAINS, cases);
    const found = cases.map((pair) => isSatisfiedBy(...pair));
    const differing = cases.filter((_, index) => found[index] !== expected[index]);
    expect(differing.filter((pair) => acceptedDeviation(pair) === undefined)).toEqual([]);
    // Every deviation is met, and each only lets more in: rpm never refuses what packaging accepts.
    expect(new Set(differing.map(acceptedDeviation))).toEqual(new Set(Object.keys(ACCEPTED)));
    expect(cases.filter((_, index) => expected[index] === true && found[index] === false)).toEqual([]);
    expect(expected.filter((accepted) => accepted).length).toBeGreaterThan(8000);
  });

  test('means to rpm what it means here', async (context) => {
    await needProgram(context, 'rpm');
    const specifiers = ['', ...drawCases(2, 150, drawSpecifier), '!=1.0', '!=1.0+cpu', '!=1.0.*,>=0.9', '<1.0.post1'];
    const versions = [
      ...drawCases(3, 12, (random) => drawNeighbour(random, random.pick(specifiers))).filter((text) => text !== ''),
      ...['1.0', '1.0+cpu', '1.0+zzz', '1.0rc1', '1.0.post1', '1!0.1', '0.9'],
    ];
    const answers = await askRpm(NAME, versions.map(providerOf), specifiers.map(relationsOf));
    expect(
      versions.map((version, index) => [version, answers[index]?.map((position) => specifiers[position])]),
    ).toEqual(
      versions.map((version) => [version, specifiers.filter((specifier) => isSatisfiedBy(specifier, version))]),
    );
  });

  // Accepted: rpm has no way to tell 1.0 from 1.0.0 or from 1.0+cpu; PEP 440 advises against `===`.
  test('takes === for ==', async (context) => {
    const cases: Case[] = [
      ['===1.0', '1.0.0'],
      ['===1.0', '1.0+cpu'],
    ];
    expect(await askPackaging<boolean[]>(context, CONTAINS, cases)).toEqual([false, false]);
    expect(cases.map((pair) => isSatisfiedBy(...pair))).toEqual([true, true]);
  });

  test('names what the requirement names', () => {
    const { name } = parseRequirement('Jaraco.Functools>=4');
    expect(requirementRelations('Jaraco.Functools>=4', (written) => `rpm-${written}`)).toEqual([
      { name: `rpm-${name}`, sense: '>=', version: '4.0.0' },
    ]);
  });
});
