import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askPython, packagingPython, thrown } from '@pinpack/testing';
import { DEMO, encodeWheel } from '../wheel/wheel.fixture.js';
import { PLACE, sampleLock, SHA256, wheelPackage } from './lock.fixture.js';
import type { Lock } from './lock.js';
import { formatPylock, parsePylock } from './pylock.js';

const FILE = 'reqsets/reqset3/pylock.toml';

const VALIDATE = `
import tomllib
from packaging.pylock import Pylock
def describe(text):
    lock = Pylock.from_dict(tomllib.loads(text))
    lock.validate()
    return [[package.name, package.version and str(package.version), [wheel.path for wheel in package.wheels or ()],
             package.directory and package.directory.path, [edge["name"] for edge in package.dependencies or ()]]
            for package in lock.packages]
results = [describe(text) for text in cases]`;

function parse(text: string) {
  return parsePylock(text, FILE, PLACE.folder);
}

/** The error message for a lock after one replacement. */
function damaged(found: string | RegExp, replacement: string): string {
  const text = formatPylock(sampleLock(), PLACE);
  const changed = text.replace(found, replacement);
  expect(changed).not.toBe(text);
  return thrown(() => parse(changed));
}

const NEXT = 'Write the lock again: nx run reqset3:lock';

describe('formatPylock', () => {
  test('writes what parsePylock reads', () => {
    expect(parse(formatPylock(sampleLock(), PLACE))).toEqual(sampleLock());
  });

  test('has the settings of wheels: groups of overlapping pins, and an exact RECORD', () => {
    const packages = [wheelPackage('a', '1', { record: 'exact' }), wheelPackage('b', '1')];
    const lock: Lock = { ...sampleLock(), packages, applications: [], overlaps: [['b', 'a']] };
    const text = formatPylock(lock, PLACE);
    expect(parse(text)).toEqual(lock);
    expect(thrown(() => parse(text.replace('"exact"', '"strict"')))).toContain('record is strict, expected exact');
    expect(thrown(() => parse(text.replace(/overlaps = .*/, 'overlaps = ["a"]')))).toContain(
      'overlaps is ["a"], expected a list of lists of strings',
    );
  });

  test('reads what it wrote of a bundled Python', () => {
    const interpreter = {
      ...{ kind: 'archive' as const, location: 'python.tar.gz', sha256: SHA256, size: 1, keep: [], release: 2 },
      ...{ time: '2025-06-11T15:36:57Z', contains: { openssl: '3.0.15', xz: '' } },
    };
    const lock = { ...sampleLock(), interpreter };
    expect(parse(formatPylock(lock, PLACE))).toEqual(lock);
  });

  test('does not depend on the order of the packages', () => {
    const lock = sampleLock();
    const turned = { ...lock, packages: [...lock.packages].reverse() };
    expect(formatPylock(turned, PLACE)).toBe(formatPylock(lock, PLACE));
  });

  test('writes a wheel, its edges and the extensions', () => {
    const text = formatPylock(
      {
        ...sampleLock(),
        packages: [wheelPackage('six', '1.17', { release: 2, time: '2026-11-20T23:34:54Z' })],
        applications: [],
      },
      PLACE,
    );
    expect(text).toBe(`# Written by \`nx run reqset3:lock\`. Change requirements.txt and lock again.
lock-version = "1.0"
created-by = "pinpack"
requires-python = "==3.11.*"

[[packages]]
name = "six"
version = "1.17"

[[packages.wheels]]
name = "six-1.17-py3-none-any.whl"
path = "../../dist/wheels/reqset3/six-1.17-py3-none-any.whl"
size = 1000

[packages.wheels.hashes]
sha256 = "${SHA256}"

[packages.tool.pinpack]
release = 2
time = "2026-11-20T23:34:54Z"

[tool.pinpack]
python = "3.11.2"
platform = "manylinux_2_28_x86_64"
inputs-sha256 = "${'cd'.repeat(32)}"

`);
  });

  test('writes bytecode, layout, compression and applications', () => {
    const lock = { ...sampleLock(), bytecode: true, layout: 'stored' as const, compression: 'xz:2' };
    const text = formatPylock(lock, PLACE);
    expect(text.slice(text.indexOf('\n[tool.pinpack]'))).toBe(`
[tool.pinpack]
python = "3.11.2"
platform = "manylinux_2_28_x86_64"
inputs-sha256 = "${'cd'.repeat(32)}"
bytecode = true
layout = "stored"
compression = "xz:2"

[[tool.pinpack.applications]]
name = "demo"
release = 2
library = "my-demo"

`);
    expect(parse(text)).toEqual(lock);
  });

  test('names no host: files are found by the configured index', () => {
    expect(formatPylock(sampleLock(), PLACE)).not.toMatch(/url|:\/\//);
  });

  test('is valid according to packaging', async (context) => {
    const python = await packagingPython(context);
    const probe = await execa(python, ['-c', 'import packaging.pylock, tomllib'], { reject: false });
    if (probe.failed) context.skip('this Python has no packaging.pylock: packaging 26 and Python 3.11 have');
    const wheels = '../../dist/wheels/reqset3';
    expect(await askPython(python, VALIDATE, [formatPylock(sampleLock(), PLACE)])).toEqual([
      [
        ['my-demo', null, [], '../../apps/demo', ['numpy']],
        ['numpy', '2.4.6', [`${wheels}/numpy-2.4.6-py3-none-any.whl`], null, []],
        ['psycopg', '3.2', [`${wheels}/psycopg-3.2-py3-none-any.whl`], null, ['psycopg-pool', 'six']],
        ['psycopg-pool', '3.2.1', [`${wheels}/psycopg_pool-3.2.1-py3-none-any.whl`], null, []],
        ['six', '1.17', [`${wheels}/six-1.17-py3-none-any.whl`], null, []],
      ],
    ]);
  });

  test('can be installed by uv, offline, from its wheels and by their hashes', async ({ skip }) => {
    const uv = await findUv();
    if (uv === undefined) return skip('uv is not installed: tools/setup-python.sh installs it');
    const root = mkdtempSync(join(tmpdir(), 'pinpack-lock-'));
    onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    const bytes = encodeWheel();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const wheel = { name: DEMO, size: bytes.length, sha256 };
    const install = async (locked: typeof wheel) => {
      const packages = [wheelPackage('demo', '1.0', { source: { kind: 'wheel', wheel: locked } })];
      writeFileSync(join(root, FILE), formatPylock({ ...sampleLock(), packages, applications: [] }, PLACE));
      const words = ['pip', 'install', '--offline', '--no-config', '--preview', '--python', '3.11'];
      return execa(uv, [...words, '--target', join(root, 'out'), '-r', join(root, FILE)], { reject: false });
    };
    mkdirSync(join(root, PLACE.folder), { recursive: true });
    mkdirSync(join(root, PLACE.wheels), { recursive: true });
    writeFileSync(join(root, PLACE.wheels, DEMO), bytes);
    const wrong = await install({ ...wheel, sha256: SHA256 });
    expect(wrong.stderr).toMatch(/Hash mismatch/);
    const right = await install(wheel);
    expect(right.stderr).toMatch(/\+ demo==1\.0/);
  });
});

async function findUv(): Promise<string | undefined> {
  for (const program of [fileURLToPath(new URL('../../../../.venv/bin/uv', import.meta.url)), 'uv']) {
    if (!(await execa(program, ['--version'], { reject: false })).failed) return program;
  }
  return undefined;
}

describe('parsePylock rejects', () => {
  test.each([
    ['lock-version = "1.0"', 'lock-version = "2.0"', 'lock-version is 2.0, expected 1.x'],
    ['lock-version = "1.0"', '', 'lock-version is missing, expected a string'],
    ['python = "3.11.2"', 'python = 3', 'tool pinpack: python is 3, expected a string'],
    ['name = "six"\nversion', 'name = "Six"\nversion', 'psycopg depends on six, which is not locked'],
    ['version = "1.17"', 'version = "1.17-final"', 'six: version is 1.17-final, expected a PEP 440 version'],
    ['release = 3', 'release = 0', 'numpy tool pinpack: release is 0, expected a positive whole number'],
    ['release = 3', 'release = 1.5', 'numpy tool pinpack: release is 1.5, expected a positive whole number'],
    [
      'name = "six-1.17-',
      'name = "../six-1.17-',
      "six wheels[0]: wheel name ../six-1.17-py3-none-any.whl is not a wheel's file name",
    ],
    [
      'name = "six-1.17-py3-none-any.whl"',
      'name = "six.tar.gz"',
      "six wheels[0]: wheel name six.tar.gz is not a wheel's file name",
    ],
    [
      'extras = [ "binary", "pool" ]',
      'extras = "binary"',
      'psycopg tool pinpack: extras is "binary", expected a list of strings',
    ],
    [
      'path = "../../apps/demo"',
      'path = "../../../elsewhere"',
      'my-demo: directory path is ../../../elsewhere, expected a folder of the workspace, ../../…',
    ],
    [
      'path = "../../apps/demo"',
      'path = "/etc"',
      'my-demo: directory path is /etc, expected a folder of the workspace, ../../…',
    ],
    [
      'path = "../../apps/demo"',
      'path = "../../apps/../.."',
      'my-demo: directory path is ../../apps/../.., expected a folder of the workspace, ../../…',
    ],
    ['library = "my-demo"', 'library = "other"', 'application demo: its library other is not locked'],
    [
      '"demo"\nrelease = 2',
      '"../demo"\nrelease = 2',
      "tool pinpack applications[0]: name is ../demo, expected letters, digits and . _ - (it becomes part of an RPM's name)",
    ],
    ['inputs-sha256', 'bytecode = "yes"\ninputs-sha256', 'tool pinpack: bytecode is "yes", expected true or false'],
    ['inputs-sha256', 'layout = "zip"\ninputs-sha256', 'tool pinpack: layout is zip, expected tree or stored'],
  ])('%s as %s', (found, replacement, message) => {
    const lines = damaged(found, replacement).split('\n');
    expect(lines.map((line) => line.replace(/^(?: +- |DIST_LOCK_INVALID [^ ]+ )/, ''))).toContain(message);
    expect(lines.at(-1)?.trim()).toBe(NEXT);
  });

  test('an issue with one complete message', () => {
    expect(damaged('release = 3', 'release = "3"')).toBe(
      `DIST_LOCK_INVALID ${FILE}: numpy tool pinpack: release is "3", expected a positive whole number\n  ${NEXT}`,
    );
  });

  test('all issues at once', () => {
    const text = formatPylock(sampleLock(), PLACE)
      .replace('name = "six"\nversion', 'name = "numpy"\nversion')
      .replace(`sha256 = "${SHA256}"`, 'sha256 = "ab"');
    expect(thrown(() => parse(text))).toBe(
      [
        `DIST_LOCK_INVALID ${FILE}: 4 problems`,
        '  - my-demo tool pinpack build-requires[0] wheel: sha256 is ab, expected 64 hexadecimal digits',
        `    ${NEXT}`,
        '  - numpy wheels[0]: wheel six-1.17-py3-none-any.whl does not match the package, expected numpy 1.17',
        `    ${NEXT}`,
        '  - numpy is locked twice',
        `    ${NEXT}`,
        '  - psycopg depends on six, which is not locked',
        `    ${NEXT}`,
      ].join('\n'),
    );
  });

  test.each(['../../etc', 'a b', 'Six', 'six_x', ''])('the name %j, which would become a folder', (name) => {
    expect(damaged('name = "six"\nversion', `name = ${JSON.stringify(name)}\nversion`)).toContain(
      name === ''
        ? 'packages[4]: name is "", expected a string'
        : `${name}: name is ${name}, expected a normalized name (PEP 503)`,
    );
  });

  test('a package without wheels, and one with two', () => {
    const lock = sampleLock();
    const text = formatPylock({ ...lock, packages: lock.packages.slice(-1), applications: [] }, PLACE);
    const wheels = /\[\[packages\.wheels\]\][^]*?(?=\[packages\.tool)/.exec(text)?.[0] ?? '';
    expect(thrown(() => parse(text.replace(wheels, '')))).toContain(
      'six: wheels is missing, expected a list of tables',
    );
    expect(thrown(() => parse(text.replace(wheels, wheels + wheels)))).toBe(
      `DIST_LOCK_INVALID ${FILE}: six: 2 wheels, expected one, the wheel for the variant\n  ${NEXT}`,
    );
  });

  test('invalid TOML, with line and column', () => {
    expect(thrown(() => parse('lock-version = "1.0"\n=\n'))).toMatch(
      /^DIST_LOCK_INVALID reqsets\/reqset3\/pylock\.toml:2:1: Invalid TOML document: /,
    );
  });

  test('an empty file', () => {
    expect(thrown(() => parse(''))).toMatch(/lock-version is missing[^]*tool is missing[^]*packages is missing/);
  });
});
