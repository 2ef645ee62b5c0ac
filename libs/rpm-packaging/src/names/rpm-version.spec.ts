import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test, type TestContext } from 'vitest';
import { askPackaging, drawCases, needProgram, temporaryFolder, thrown } from '@pinpack/testing';
import { drawVersion } from './rpm-version.fixture.js';
import { formatRpmVersion, rpmVersion } from './rpm-version.js';

const COMPARE = `
from packaging.version import Version
def sign(left, right): return (left > right) - (left < right)
results = [sign(Version(left), Version(right)) for left, right in cases]`;

type Pair = readonly [left: string, right: string];

function mapped(text: string): string {
  return formatRpmVersion(rpmVersion(text));
}

/** rpm's own comparison of each pair of `[epoch:]version`, in one process. */
async function compareWithRpm(context: TestContext, pairs: Pair[]): Promise<number[]> {
  await needProgram(context, 'rpm');
  const file = join(temporaryFolder(), 'pairs.lua');
  const answer = `${file}.out`;
  const rows = pairs.map(([left, right]) => `  { "${left}", "${right}" },`);
  // By way of a file: the output of a macro is cut off at some length.
  const write = `local out = io.open("${answer}", "w")\nfor _, pair in ipairs(pairs) do out:write(rpm.vercmp(pair[1], pair[2]), "\\n") end\nout:close()\n`;
  writeFileSync(file, `local pairs = {\n${rows.join('\n')}\n}\n${write}`);
  await execa('rpm', ['--eval', `%{lua:dofile("${file}")}`]);
  return readFileSync(answer, 'utf8').trim().split('\n').map(Number);
}

describe('rpmVersion', () => {
  test.each([
    ['1', '1.0.0'],
    ['1.0', '1.0.0'],
    ['1.2.3.4', '1.2.3.4'],
    ['1.0.0.0', '1.0.0'],
    ['1.0.0.0.1', '1.0.0.0.1'],
    ['2!1.0', '2:1.0.0'],
    ['0!1.0', '1.0.0'],
    ['1.0rc1', '1.0.0~rc1'],
    ['1.0.dev3', '1.0.0~~dev3'],
    ['1.0a1.dev3', '1.0.0~a1~dev3'],
    ['1.0.post1', '1.0.0.post1'],
    ['1.0.post1.dev2', '1.0.0.post1~dev2'],
    ['1.0rc1.post2', '1.0.0~rc1.post2'],
    ['1.0+cpu.1', '1.0.0^cpu.1'],
    ['v1.0-1', '1.0.0.post1'],
    ['1.0+Ubuntu-007', '1.0.0^ubuntu.7'],
  ])('%s becomes %s', (python, rpm) => {
    expect(mapped(python)).toBe(rpm);
  });

  test('orders in rpm as in Python, and is equal where it is equal in Python', async (context) => {
    const drawn = drawCases(1, 6000, (random): Pair => [drawVersion(random), drawVersion(random)]);
    // Versions of one release, which differ in their last parts only.
    const near = drawCases(2, 6000, (random): Pair => {
      const [left, right] = [drawVersion(random), drawVersion(random)];
      const release = /^(?:\d+!)?\d+(?:\.\d+)*/;
      return [left, right.replace(release, `${release.exec(left)?.[0] ?? ''}${random.rarely(3, () => '.0')}`)];
    });
    const pairs = [...drawn, ...near];
    const python = await askPackaging<number[]>(context, COMPARE, pairs);
    const rpm = await compareWithRpm(
      context,
      pairs.map(([left, right]) => [mapped(left), mapped(right)]),
    );
    expect(pairs.map((pair, index) => [...pair, rpm[index]])).toEqual(
      pairs.map((pair, index) => [...pair, python[index]]),
    );
    expect(new Set(python)).toEqual(new Set([-1, 0, 1]));
    expect(python.filter((order) => order === 0).length).toBeGreaterThan(100);
  });

  // Accepted: rpm reads the digits in such a segment as a number, Python the whole segment as text (docs/decisions/0003-versions.md).
  test.for([
    ['1.0+cu118', '1.0+cu92', -1, 1],
    ['1.0+a1', '1.0+a.1', 1, 0],
    ['1.0+3a', '1.0+2', -1, 1],
  ] as const)('%s to %s, local segments of letters and digits: %i in Python, %i in rpm', async (pair, context) => {
    const [left, right, asText, asNumber] = pair;
    expect(await askPackaging<number[]>(context, COMPARE, [[left, right]])).toEqual([asText]);
    expect(await compareWithRpm(context, [[mapped(left), mapped(right)]])).toEqual([asNumber]);
  });

  test('refuses what is no version', () => {
    expect(thrown(() => rpmVersion('1.0-final'))).toBe(
      'DIST_VERSION_INVALID 1.0-final: not a version that PEP 440 allows\n  expected [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local], with numbers below 2**53',
    );
  });
});
