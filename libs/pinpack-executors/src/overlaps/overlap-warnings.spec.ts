import type { Application, Overlap } from '@pinpack/python-dist';
import { expect, test } from 'vitest';
import { overlapWarning } from './overlap-warnings.js';

const OVERLAP: Overlap = {
  pins: ['one', 'two'],
  paths: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  isHarmless: false,
  isImpossible: false,
};

function application(name: string, ...pins: string[]) {
  const wheels = pins.map((pin) => ({ name: pin, version: '1', release: 1 }));
  return { application: { name, wheels } as unknown as Application, groups: [] as string[][] };
}

test('names the pins, some paths and the applications that require both', () => {
  const allowed = { ...application('allowed', 'one', 'two'), groups: [['two', 'one']] };
  const applications = [application('web', 'one', 'two', 'x'), application('other', 'one'), allowed];
  expect(overlapWarning(OVERLAP, applications)).toBe(
    [
      'one and two install 7 paths with different contents: a, b, c, d, e and 2 more',
      'target rpm of web will fail: the application requires both',
      'Use only one of them, or allow it in reqset.json: "overlaps": [["one", "two"]]. The files of the later pin then replace those of the earlier one.',
    ].join('\n  '),
  );
});

test('does not offer to allow what is impossible', () => {
  const warning = overlapWarning({ ...OVERLAP, paths: ['a', 'a/b'], isImpossible: true }, []);
  expect(warning).toBe(
    'one and two install 2 paths that are files of one and folders of the other: a, a/b\n  an application cannot require both\n  Use only one of them.',
  );
});
