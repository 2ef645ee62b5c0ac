import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { SHA256 } from '../pin.fixture.js';
import { needProgram, temporaryFolder } from '../programs.fixture.js';
import { thrown } from '../thrown.fixture.js';
import { formatCanonicalFacts, parseCanonicalFacts } from './canonical-facts.js';
import { wheelRpmPaths } from './paths.js';

const RUNTIME = fileURLToPath(new URL('../../../pinpack-runtime/src', import.meta.url));
const FILE = 'dist/canonical/reqset3/six.json';
const FACTS = { wheel: 'six-1.17-py3-none-any.whl', distInfo: 'six-1.17.dist-info', sha256: SHA256 };

function parse(text: string | undefined) {
  return parseCanonicalFacts(text, FILE, 'reqset3-wheel-six');
}

describe('canonical facts', () => {
  test('are read as they were written', () => {
    expect(parse(formatCanonicalFacts(FACTS))).toEqual(FACTS);
  });

  test('are facts that pinpack-runtime reads', async (context) => {
    await needProgram(context, 'python3');
    const root = temporaryFolder();
    mkdirSync(join(root, 'usr/share/pinpack/reqset3'), { recursive: true });
    writeFileSync(join(root, 'usr/share/pinpack/reqset3/six.json'), formatCanonicalFacts(FACTS));
    const program =
      'import sys; from pinpack_runtime.wheel_facts import find_installed_wheels as find, read_place as read; print(*map(read, find(sys.argv[1])))';
    const { stdout } = await execa('python3', ['-B', '-c', program, root], { env: { PYTHONPATH: RUNTIME } });
    const paths = wheelRpmPaths('reqset3', 'six', FACTS.wheel);
    const [tree, wheel] = [join(root, paths.tree), join(root, paths.wheel)];
    expect(paths.facts).toBe('/usr/share/pinpack/reqset3/six.json');
    expect(stdout).toBe(
      `WheelPlace(tree='${tree}', dist_info='${FACTS.distInfo}', wheel='${wheel}', sha256='${SHA256}')`,
    );
  });

  test.each([
    [undefined, 'there is no such file'],
    ['', 'is damaged'],
    ['null', 'is damaged'],
    ['{"wheel": "six"}', 'is damaged'],
    [formatCanonicalFacts({ ...FACTS, sha256: 'ab' }), 'is damaged'],
  ])('%j cannot be used', (text, found) => {
    expect(thrown(() => parse(text))).toBe(
      `PINPACK_CANONICAL_FACTS ${FILE}: ${found}\n  Make it again: nx run reqset3-wheel-six:rpm --skip-nx-cache`,
    );
  });
});
