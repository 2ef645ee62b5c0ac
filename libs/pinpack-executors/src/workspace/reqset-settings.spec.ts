import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, thrown } from '@pinpack/testing';
import { writeText } from './workspace.fixture.js';
import { reqsetJsonSchema } from './reqset-schema.js';
import { parseLabels, parseSettings, readSets, readSettings } from './reqset-settings.js';

const DEFAULTS = { python: '3.11.2', platform: 'manylinux_2_28_x86_64', bytecode: false, layout: 'tree' };
const ALL = { ...DEFAULTS, build: {} };
const FILE = 'reqsets/reqset3/reqset.json';

const LABELS: [string, boolean][] = [
  ...['py311', 'py311-el9', 'myCustomCentOS6', '3_12', 'wheels'].map((label): [string, boolean] => [label, true]),
  ...['', 'a.b', 'a/b', '-a', 'a--b', 'a ', 'wheel', 'wheel-x', '..'].map((label): [string, boolean] => [label, false]),
];

function refused(text: string): string {
  return thrown(() => parseSettings(text, FILE));
}

describe('parseSettings', () => {
  test.each([
    ['{}', {}],
    ['{"$schema": "../x.json"}', {}],
    ['{"python": "3.9.18"}', { python: '3.9.18' }],
    ['{"python": "2.7.18"}', { python: '2.7.18' }],
    ['{"bytecode": true}', { bytecode: true }],
    ['{"layout": "stored"}', { layout: 'stored' }],
    ['{"fleet": "el9"}', { fleet: 'el9' }],
    ['{"fleet": "el9", "compression": "none"}', { fleet: 'el9', compression: 'none' }],
    ['{"platform": "manylinux2014_aarch64"}', { platform: 'manylinux2014_aarch64' }],
  ])('%s', (text, expected) => {
    expect(parseSettings(text, FILE)).toEqual({ ...ALL, ...expected });
  });

  test('reports every issue', () => {
    expect(
      refused(
        '{"pyhton": "3.11.2", "python": "3.11", "platform": "linux_x86_64", "bytecode": 1, "layout": "zip", "fleet": "el7", "compression": ["xz:2"]}',
      ),
    ).toBe(
      [
        'PINPACK_SETTINGS_INVALID reqsets/reqset3/reqset.json: python is "3.11", expected a full version such as 3.11.2, because the patch version affects some markers',
        'platform is "linux_x86_64", expected a platform tag such as manylinux_2_28_x86_64',
        'bytecode is 1, expected true or false',
        'layout is "zip", expected "tree" or "stored"',
        'fleet is "el7", expected another fleet than el7: its rpm 4.11 reads neither zstd nor rich dependencies nor file triggers, which RPMs of pinpack have',
        'compression is ["xz:2"], expected one of zstd:1, zstd:2, zstd:3, zstd:4, zstd:15, zstd:19, xz:1, xz:2, xz:6, gzip:9, none',
        'pyhton is not a setting, did you mean python? Known: $schema, python, platform, bytecode, layout, fleet, compression, variants, index, record, overlaps, build',
      ].join('\n  '),
    );
  });

  test('refuses a level of compression with the reason', () => {
    expect(refused('{"compression": "xz:9"}')).toContain(
      'compression is "xz:9", expected xz:1, xz:2, xz:6: applydeltarpm',
    );
  });

  test('refuses a system without rpm, with the reason', () => {
    expect(refused('{"platform": "musllinux_1_2_x86_64"}')).toBe(
      `PINPACK_SETTINGS_INVALID ${FILE}: platform is "musllinux_1_2_x86_64", expected a platform tag such as manylinux_2_28_x86_64; systems with musl (Alpine) have no rpm`,
    );
  });

  test.each(['2.7.18', '3.6.15'])('refuses bytecode for Python %s, which has none that is hash-based', (python) => {
    expect(refused(JSON.stringify({ python, bytecode: true }))).toContain(
      `bytecode is true, expected false: Python ${python} has no hash-based bytecode (PEP 552)`,
    );
  });

  test.each(['[]', 'null', '"3.11.2"', '3'])('rejects %s, which is not an object', (text) => {
    expect(refused(text)).toBe(
      `PINPACK_SETTINGS_INVALID ${FILE}: found ${text}, expected an object such as {"python": "3.11.2"}`,
    );
  });

  test.each(['{"python": 3.11}', '{"python": null}', '{"python": ["3.11.2"]}'])(
    'rejects %s, which has no version',
    (text) => {
      const found = JSON.stringify((JSON.parse(text) as { python: unknown }).python);
      expect(refused(text)).toBe(
        `PINPACK_SETTINGS_INVALID ${FILE}: python is ${found}, expected a full version such as 3.11.2, because the patch version affects some markers`,
      );
    },
  );

  test('reports text that is not JSON', () => {
    expect(refused('{"python": ')).toMatch(
      /^PINPACK_SETTINGS_INVALID reqsets\/reqset3\/reqset\.json: is not JSON: Unexpected end/,
    );
  });

  describe('agrees with the JSON schema that editors read', () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/reqset.schema.json', import.meta.url), 'utf8')) as {
      properties: Record<string, { default?: unknown; propertyNames?: { pattern: string } }>;
      $defs: Record<string, { pattern?: string }>;
    };

    test('which is generated: npm run schemas', () => {
      expect(schema).toEqual(reqsetJsonSchema());
    });

    test('on defaults', () => {
      const defaults = Object.entries(schema.properties).filter(([, property]) => 'default' in property);
      expect(Object.fromEntries(defaults.map(([key, value]) => [key, value.default]))).toEqual(ALL);
    });

    test.each(['python', 'platform'])('on %s', (key) => {
      const pattern = new RegExp(schema.$defs[key]?.pattern ?? '');
      const values = ['3.11.2', '3.11', '2.7.18', 'manylinux_2_28_x86_64', 'manylinux1_x86_64', 'linux_x86_64', 'any'];
      for (const value of values) {
        const accepts = () => parseSettings(JSON.stringify({ [key]: value }), FILE);
        if (pattern.test(value)) expect(accepts()).toMatchObject({ [key]: value });
        else expect(accepts).toThrow(`${key} is "${value}"`);
      }
    });

    test.each(LABELS)('on the label %j', (label, isLabel) => {
      expect(new RegExp(schema.properties.variants?.propertyNames?.pattern ?? '').test(label)).toBe(isLabel);
    });
  });
});

describe('a Python that comes along', () => {
  const archive = { archive: 'https://files.example/cpython-3.12.8.tar.gz', sha256: 'ab'.repeat(32) };

  test.each([['pythons/3.12.8.tar.gz'], ['/opt/pythons/3.12.8'], [archive]])('%j', (bundle) => {
    const text = JSON.stringify({ python: { version: '3.12.8', bundle, keep: ['tests'] } });
    expect(parseSettings(text, FILE)).toEqual({ ...ALL, python: '3.12.8', bundled: { bundle, keep: ['tests'] } });
  });

  test.each<[object, string]>([
    [{ version: '3.12.8' }, 'bundle'],
    [{ version: '3.12', bundle: 'x.tar.gz' }, 'a full version'],
    [{ version: '2.7.18', bundle: 'x.tar.gz' }, 'Python 3.6 or later'],
    [{ version: '3.12.8', bundle: 'https://files.example/x.tar.gz' }, 'for a URL'],
    [{ version: '3.12.8', bundle: 'x.tar.gz', keep: ['docs'] }, 'keep'],
  ])('%j is refused', (python, message) => {
    expect(refused(JSON.stringify({ python }))).toContain(message);
  });

  test('is inherited by variants that set no Python', () => {
    const python = { version: '3.12.8', bundle: 'x.tar.gz' };
    const { variants = {} } = parseSettings(
      JSON.stringify({ python, variants: { a: {}, b: { python: '3.11.2' } } }),
      FILE,
    );
    expect(Object.values(variants).map((own) => [own.python, own.bundled])).toEqual([
      ['3.12.8', { bundle: 'x.tar.gz' }],
      ['3.11.2', undefined],
    ]);
  });

  test.each(['3.13.0t', '3.14.0t'])('%s is a Python without the GIL', (python) => {
    expect(parseSettings(JSON.stringify({ python }), FILE).python).toBe(python);
  });
});

describe('variants', () => {
  test('have their own fleet, or inherit that of the reqset', () => {
    const text = '{"fleet": "el8", "variants": {"a": {}, "b": {"fleet": "fedora"}, "c": {"compression": "none"}}}';
    const { variants = {} } = parseSettings(text, FILE);
    expect(Object.values(variants).map(({ fleet, compression }) => [fleet, compression])).toEqual([
      ['el8', undefined],
      ['fedora', undefined],
      ['el8', 'none'],
    ]);
  });

  test('inherit the settings of the reqset', () => {
    const text =
      '{"platform": "manylinux_2_34_x86_64", "variants": {"py311": {}, "py312-arm": {"python": "3.12.1", "platform": "manylinux_2_34_aarch64", "bytecode": true, "layout": "stored"}}}';
    const platform = 'manylinux_2_34_x86_64';
    expect(parseSettings(text, FILE)).toEqual({
      ...ALL,
      platform,
      variants: {
        py311: { ...DEFAULTS, platform },
        'py312-arm': { python: '3.12.1', platform: 'manylinux_2_34_aarch64', bytecode: true, layout: 'stored' },
      },
    });
    expect(parseLabels(text, FILE)).toEqual(['py311', 'py312-arm']);
  });

  test.each(LABELS)('can be called %j: %j', (label, isLabel) => {
    const text = JSON.stringify({ variants: { [label]: {} } });
    if (isLabel) expect(parseLabels(text, FILE)).toEqual([label]);
    else expect(() => parseLabels(text, FILE)).toThrow(`variants has the key ${JSON.stringify(label)}`);
  });

  test('are known where another setting is wrong, so that the graph is there', () => {
    expect(parseLabels('{"pyhton": "3", "variants": {"py311": {"python": "3"}}}', FILE)).toEqual(['py311']);
    expect(parseLabels('{"python": "3"}', FILE)).toBeUndefined();
  });

  test('report every issue', () => {
    expect(
      refused('{"variants": {"a.b": {}, "wheel-x": {}, "c": 1, "d": {"python": "3"}, "e": {"variants": {}}}}'),
    ).toBe(
      [
        `PINPACK_SETTINGS_INVALID ${FILE}: variants has the key "a.b", expected letters and digits, with - or _ between them, such as py311-el9`,
        'variants has the key "wheel-x", expected another label, because "wheel" marks wheel RPMs in RPM names',
        'variants.c is 1, expected the settings of the variant, or {}',
        'variants.d.python is "3", expected a full version such as 3.11.2, because the patch version affects some markers',
        'variants.e.variants is not a setting, expected python, platform, bytecode, layout, fleet, compression, build',
      ].join('\n  '),
    );
  });

  test.each(['{}', '[]', '"py311"', 'null'])('cannot be %s', (variants) => {
    expect(refused(`{"variants": ${variants}}`)).toBe(
      `PINPACK_SETTINGS_INVALID ${FILE}: variants is ${variants}, expected at least one variant, as in {"py311": {"python": "3.11.2"}}; without variants, remove the setting`,
    );
  });
});

describe('readSettings', () => {
  test('reads the file, if there is one', () => {
    const root = temporaryFolder();
    expect(readSettings(root, 'reqset3')).toEqual(ALL);
    writeText(root, FILE, '{"python": "3.12.1"}');
    expect(readSettings(root, 'reqset3')).toEqual({ ...ALL, python: '3.12.1' });
  });

  test('reports a file that cannot be read', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, FILE), { recursive: true });
    expect(() => readSettings(root, 'reqset3')).toThrow('EISDIR');
  });

  test('gives a variant its own, and refuses one that is not there', () => {
    const root = temporaryFolder();
    writeText(root, FILE, '{"bytecode": true, "variants": {"a": {"python": "3.12.1"}, "b": {}}}');
    expect(readSets(root, 'reqset3')).toEqual(['reqset3/a', 'reqset3/b']);
    expect(readSettings(root, 'reqset3/a')).toMatchObject({ ...DEFAULTS, python: '3.12.1', bytecode: true });
    for (const set of ['reqset3', 'reqset3/c'])
      expect(thrown(() => readSettings(root, set))).toMatch(/^PINPACK_VARIANT_UNKNOWN .* has the variants a, b\n/);
    expect(thrown(() => readSettings(root, 'reqset4/a'))).toMatch(/^PINPACK_VARIANT_UNKNOWN .* has no variants\n/);
  });

  test('refuses a Python from source without a root to build it in, also across a variant', () => {
    const root = temporaryFolder();
    const bundle = { source: 'Python-3.13.5.tgz', sha256: 'ab'.repeat(32) };
    const python = JSON.stringify({ version: '3.13.5t', bundle });
    const built = '"build": {"root": "/srv/root"}';
    writeText(root, FILE, `{"python": ${python}}`);
    expect(thrown(() => readSettings(root, 'reqset3'))).toMatch(/^PINPACK_PYTHON_IN_ROOT .*"bundle".*"root"/);
    writeText(root, FILE, `{"variants": {"a": {"python": ${python}}, "b": {"python": ${python}, ${built}}}}`);
    expect(thrown(() => readSettings(root, 'reqset3/a'))).toMatch(/^PINPACK_PYTHON_IN_ROOT /);
    expect(readSettings(root, 'reqset3/b')).toMatchObject({
      buildRoot: '/srv/root',
      bundled: { bundle: { ...bundle, libraries: 'own', configure: [] } },
    });
    expect(() => parseSettings(`{"python": ${python.replace('}}', ',"configure":["; id"]}}')}}`, FILE)).toThrow();
  });
});

/** What the schema offers to editors. */
function offered(name: 'fleet' | 'compression'): string[] {
  const schema = readFileSync(new URL('../../schemas/reqset.schema.json', import.meta.url), 'utf8');
  const { $defs } = JSON.parse(schema) as { $defs: Record<string, { enum: string[] }> };
  return $defs[name]?.enum ?? [];
}

test.each(['fleet', 'compression'] as const)('the schema offers every %s that is taken, and no other', (name) => {
  const refuse = (): unknown => parseSettings(JSON.stringify({ [name]: '' }), 'reqset.json');
  expect(refuse).toThrow(`${name} is "", expected one of ${offered(name).join(', ')}`);
});

describe('index', () => {
  test('assigns names and patterns to indexes', () => {
    const index = { 'acme-*': 'internal', 'Acme.Public': 'default', '*': 'default' };
    expect(parseSettings(JSON.stringify({ index, variants: { py311: {} } }), FILE).index).toEqual(index);
  });

  test.each([
    '{"index": "internal"}',
    '{"index": {"acme-*": "https://index.example/simple"}}',
    '{"index": {"acme tools": "internal"}}',
    '{"index": {"acme": 1}}',
  ])('%s is refused', (text) => {
    expect(refused(text)).toMatch(/^PINPACK_SETTINGS_INVALID .*index/);
  });
});

describe('credentials', () => {
  test.each([
    '{"build": {"x": {"environment": {"PIP_INDEX_URL": "https://user:secret@index.example/simple"}}}}',
    '{"index": {"x": "https://user:secret@index.example/simple"}}',
    '{"python": "https://user:secret@index.example/simple"}',
    '{"a": "https://user:secret@index.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" x}',
    '{"a": "https://user:secret@i" x}',
    '{"a": "https://user:verylongsecret@index.example" "b"}',
  ])('in a URL are refused without showing them: %s', (text) => {
    expect(refused(text)).toMatch(/^PINPACK_SETTINGS_INVALID/);
    expect(refused(text)).not.toMatch(/secret|user/);
  });
});
