import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { SHA256 } from '../pin.fixture.js';
import { needProgram, temporaryFolder, thrown } from '@pinpack/testing';
import { formatCanonicalFacts, parseCanonicalFacts } from './canonical-facts.js';
import { wheelRpmPaths } from './wheel-rpm-paths.js';

const RUNTIME = fileURLToPath(new URL('../../../pinpack-runtime/src', import.meta.url));
const FILE = 'dist/canonical/reqset3/six.json';
const FACTS = { wheel: 'six-1.17-py3-none-any.whl', distInfo: 'six-1.17.dist-info', sha256: SHA256 };

function parse(text: string | undefined) {
  return parseCanonicalFacts(text, FILE, 'reqset3-wheel-six');
}

/** The wheel's paths that pinpack-runtime reads from the facts of six, in a root. */
async function readPlace(root: string, text: string): Promise<unknown> {
  const { facts } = wheelRpmPaths('reqset3', 'six', FACTS.wheel);
  mkdirSync(join(root, facts, '..'), { recursive: true });
  writeFileSync(join(root, facts), text);
  const program =
    'import json, sys; from pinpack_runtime.wheel_facts import find_installed_wheels as find, read_place as read; print(json.dumps([read(wheel)._asdict() for wheel in find(sys.argv[1])]))';
  const { stdout } = await execa('python3', ['-B', '-c', program, root], { env: { PYTHONPATH: RUNTIME } });
  const [place] = JSON.parse(stdout) as unknown[];
  return place;
}

describe('canonical facts', () => {
  test('are read as they were written', () => {
    expect(parse(formatCanonicalFacts(FACTS))).toEqual(FACTS);
  });

  test('are facts that pinpack-runtime reads', async (context) => {
    await needProgram(context, 'python3');
    const paths = wheelRpmPaths('reqset3', 'six', FACTS.wheel);
    const root = temporaryFolder();
    expect(await readPlace(root, formatCanonicalFacts(FACTS))).toEqual({
      tree: join(root, paths.tree),
      dist_info: FACTS.distInfo,
      wheel: join(root, paths.wheel),
      sha256: SHA256,
      stored: '',
    });
  });

  test('of a stored wheel contain the layout, and pinpack-runtime finds the wheel', async (context) => {
    await needProgram(context, 'python3');
    const facts = { ...FACTS, layout: 'stored' } as const;
    const root = temporaryFolder();
    expect(parse(formatCanonicalFacts(facts))).toEqual(facts);
    expect(await readPlace(root, formatCanonicalFacts(facts))).toMatchObject({
      tree: '',
      stored: join(root, wheelRpmPaths('reqset3', 'six', FACTS.wheel).stored),
    });
  });

  test.each([
    [undefined, 'does not exist'],
    ['', 'is damaged'],
    ['null', 'is damaged'],
    ['{"wheel": "six"}', 'is damaged'],
    [formatCanonicalFacts({ ...FACTS, sha256: 'ab' }), 'is damaged'],
  ])('%j cannot be used', (text, found) => {
    expect(thrown(() => parse(text))).toBe(
      `PINPACK_CANONICAL_FACTS ${FILE}: ${found}\n  Build it again: nx run reqset3-wheel-six:rpm --skip-nx-cache`,
    );
  });
});
