import { describe, expect, test } from 'vitest';
import { SHA256 } from '../pin.fixture.js';
import { thrown } from '../thrown.fixture.js';
import { formatCanonicalFacts, parseCanonicalFacts } from './canonical-facts.js';

const FILE = 'dist/canonical/reqset3/six.json';
const WHEEL = { fileName: 'six-1.17-py3-none-any.whl', distInfo: 'six-1.17.dist-info' };

function parse(text: string | undefined) {
  return parseCanonicalFacts(text, FILE, 'reqset3-wheel-six');
}

describe('canonical facts', () => {
  test('are read as they were written', () => {
    const text = formatCanonicalFacts(WHEEL, { sha256: SHA256, size: 12 });
    expect(parse(text)).toEqual({ wheel: WHEEL.fileName, distInfo: WHEEL.distInfo, sha256: SHA256, size: 12 });
  });

  test.each([
    [undefined, 'there is no such file'],
    ['', 'is damaged'],
    ['null', 'is damaged'],
    ['{"wheel": "six"}', 'is damaged'],
    [formatCanonicalFacts(WHEEL, { sha256: 'ab', size: 12 }), 'is damaged'],
  ])('%j cannot be used', (text, found) => {
    expect(thrown(() => parse(text))).toBe(
      `PINPACK_CANONICAL_FACTS ${FILE}: ${found}\n  Make it again: nx run reqset3-wheel-six:rpm --skip-nx-cache`,
    );
  });
});
