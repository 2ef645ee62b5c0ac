import { expect, test } from 'vitest';
import { isValidName, normalizeName } from './normalize-name.js';
import { askPython, drawCases, packagingPython } from '@pinpack/testing';

const SCRIPT = `
import re
from packaging.utils import canonicalize_name
valid = re.compile(r"^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$", re.IGNORECASE)
results = [[canonicalize_name(name), bool(valid.match(name))] for name in cases]`;

test('names are normalized as by packaging, and validated as by the regular expression of the specification', async (context) => {
  const python = await packagingPython(context);
  const draw = 'aZ0._-'.split('');
  const cases = drawCases(21, 2000, ({ pick, below }) =>
    Array.from({ length: 1 + below(6) }, () => pick(draw)).join(''),
  );
  const expected = await askPython<[string, boolean][]>(python, SCRIPT, cases);
  expect(cases.map((name) => [name, normalizeName(name), isValidName(name)])).toEqual(
    cases.map((name, index) => [name, ...(expected[index] ?? [])]),
  );
});
