/** Pins of other tools' locks for a target, compared with `uv export`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DistError } from '../../dist-error.js';
import { readForeignPins } from '../../resolve/import-pins.js';
import { Uv } from '../../uv/uv.js';
import { parseForeignLock } from './parse-foreign-lock.js';

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const HASH = (digit: string): string => digit.repeat(64);

/** An extra that adds a package, two versions of one for two Pythons, one for another platform, a group, and an extra of the project. */
const UV_LOCK = `
version = 1
revision = 3
requires-python = ">=3.10"
resolution-markers = ["python_full_version >= '3.11'", "python_full_version < '3.11'"]

[[package]]
name = "arrays"
version = "1.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version < '3.11'"]
wheels = [{ url = "https://index.example/arrays-1.0-py3-none-any.whl", hash = "sha256:${HASH('1')}", size = 1 }]

[[package]]
name = "arrays"
version = "2.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version >= '3.11'"]
sdist = { url = "https://index.example/arrays-2.0.tar.gz", hash = "sha256:${HASH('2')}", size = 1 }
wheels = [{ url = "https://index.example/arrays-2.0-py3-none-any.whl", hash = "sha256:${HASH('3')}", size = 1 }]

[[package]]
name = "codec"
version = "0.5"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://index.example/codec-0.5-py3-none-any.whl", hash = "sha256:${HASH('4')}", size = 1 }]

[[package]]
name = "demo"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "arrays", version = "1.0", source = { registry = "https://index.example/simple" }, marker = "python_full_version < '3.11'" },
    { name = "arrays", version = "2.0", source = { registry = "https://index.example/simple" }, marker = "python_full_version >= '3.11'" },
    { name = "http-client", extra = ["fast"] },
    { name = "winonly", marker = "sys_platform == 'win32'" },
]

[package.optional-dependencies]
plot = [{ name = "plots" }]

[package.dev-dependencies]
dev = [{ name = "tester" }]

[package.metadata]
requires-dist = [
    { name = "arrays" },
    { name = "http-client", extras = ["fast"], specifier = ">=1,<2" },
    { name = "plots", marker = "extra == 'plot'" },
    { name = "winonly", marker = "sys_platform == 'win32'" },
]
provides-extras = ["plot"]

[package.metadata.requires-dev]
dev = [{ name = "tester" }]

[[package]]
name = "http-client"
version = "1.5"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "winonly", marker = "os_name == 'nt'" }]
wheels = [{ url = "https://index.example/http_client-1.5-py3-none-any.whl", hash = "sha256:${HASH('5')}", size = 1 }]

[package.optional-dependencies]
fast = [{ name = "codec" }]

[[package]]
name = "plots"
version = "3.0"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://index.example/plots-3.0-py3-none-any.whl", hash = "sha256:${HASH('6')}", size = 1 }]

[[package]]
name = "tester"
version = "8.0"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://index.example/tester-8.0-py3-none-any.whl", hash = "sha256:${HASH('7')}", size = 1 }]

[[package]]
name = "winonly"
version = "1.0"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://index.example/winonly-1.0-py3-none-any.whl", hash = "sha256:${HASH('8')}", size = 1 }]
`;

const PYPROJECT = `
[project]
name = "demo"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["arrays", "http-client[fast]>=1,<2", "winonly; sys_platform == 'win32'"]
[project.optional-dependencies]
plot = ["plots"]
[dependency-groups]
dev = ["tester"]
[tool.uv]
package = false
`;

let folder: string;
let uv: Uv;
/** uv's export of the lock above: all platforms, without the development group. */
let exported: { requirements: string; pylock: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-foreign-'));
  uv = await Uv.find(ROOT);
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project/pyproject.toml'), PYPROJECT);
  writeFileSync(join(folder, 'project/uv.lock'), UV_LOCK);
  exported = { requirements: await exportAs('requirements.txt'), pylock: await exportAs('pylock.toml') };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function exportAs(format: string): Promise<string> {
  const words = ['export', '--frozen', '--no-dev', '--no-header', '--no-annotate', '--format', format, '--quiet'];
  const { stdout, stderr, failed } = await uv.run(words, { cwd: join(folder, 'project') });
  if (failed) throw new Error(stderr);
  return stdout;
}

async function pinsOf(text: string, file: string, target = TARGET): Promise<string[]> {
  const pins = await readForeignPins('demo', parseForeignLock(text, file), target, uv, new Set());
  return pins
    .map(({ name, version, hashes }) => `${name} ${version} ${hashes.map(([digit]) => digit).join('')}`)
    .sort();
}

async function failureOf(reading: Promise<unknown>): Promise<string[]> {
  const error = await reading.catch((reason: unknown) => reason);
  return error instanceof DistError ? error.issues.map(({ message }) => message) : [];
}

describe('a lock of uv', () => {
  const expected = ['arrays 2.0 32', 'codec 0.5 4', 'http-client 1.5 5'];

  it('gives the pins that the project needs on the target, with every hash', async () => {
    expect(await pinsOf(UV_LOCK, 'uv.lock')).toEqual(expected);
  });

  it('gives the same pins as its exports', async () => {
    const sorted = (lines: string[]) => lines.map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(sorted(await pinsOf(exported.requirements, 'requirements.txt'))).toEqual(sorted(expected));
    expect(sorted(await pinsOf(exported.pylock, 'pylock.toml'))).toEqual(sorted(expected));
  });

  it('gives other versions for another Python', async () => {
    const target = { ...TARGET, python: '3.10.4' };
    expect((await pinsOf(UV_LOCK, 'uv.lock', target))[0]).toBe('arrays 1.0 1');
    expect((await pinsOf(exported.requirements, 'requirements.txt', target))[0]).toBe('arrays 1.0 1');
    expect((await pinsOf(exported.pylock, 'pylock.demo.toml', target))[0]).toBe('arrays 1.0 1');
  });

  it('gives the requirements of its project', () => {
    expect(parseForeignLock(UV_LOCK, 'uv.lock').requirements).toEqual([
      'arrays',
      'http-client[fast]>=1,<2',
      "winonly ; sys_platform == 'win32'",
    ]);
  });

  it('is refused for an unsupported Python', async () => {
    expect(await failureOf(pinsOf(UV_LOCK, 'uv.lock', { ...TARGET, python: '3.9.2' }))).toEqual([
      'the lock requires Python >=3.10, but the reqset is for 3.9.2\nChange "python" in reqset.json, or create the lock again for that Python.',
    ]);
  });

  it('is refused if a package is not from an index, unless the workspace has its source', async () => {
    const text = UV_LOCK.replace(
      'version = "0.5"\nsource = { registry = "https://index.example/simple" }',
      'version = "0.5"\nsource = { git = "https://git.example/codec#abc" }',
    );
    expect(await failureOf(pinsOf(text, 'uv.lock'))).toEqual([
      'uv.lock: codec has a source of the kind "git", expected a package index\n' +
        'Add its source under apps/ as a project of this workspace, or upload its wheel to your index and lock that version.',
    ]);
    const pins = await readForeignPins('demo', parseForeignLock(text, 'uv.lock'), TARGET, uv, new Set(['codec']));
    expect(pins.map(({ name }) => name).sort()).toEqual(['arrays', 'http-client']);
  });

  it('is refused with line and column if it is damaged', () => {
    expect(() => parseForeignLock('version = 1\n[[package]\n', 'uv.lock')).toThrow(/^uv\.lock:2:\d+: Invalid TOML/);
    expect(() => parseForeignLock('version = 1\npackage = []\n', 'uv.lock')).toThrow('has no project');
  });
});

describe('pins in a requirements.txt', () => {
  it('are exact, with all hashes, one version each', async () => {
    const text = [
      '--index-url https://index.example/simple',
      `Arrays==2.0 --hash=sha256:${HASH('1')} \\`,
      `    --hash=sha512:${'a'.repeat(128)} --hash=sha256:${HASH('2')}`,
      'codec===0.5 ; python_version >= "3"',
      'codec==0.4 ; python_version < "3"',
    ].join('\n');
    expect(await pinsOf(text, 'requirements.txt')).toEqual(['arrays 2.0 12', 'codec 0.5 ']);
  });

  it('are all reported by line if they are invalid', async () => {
    const text = [
      'arrays>=2',
      'codec @ git+https://git.example/codec@main',
      `plots==1.0 --hash=sha512:${'a'.repeat(128)}`,
      '-r other.txt',
      'tester==1',
      'tester==2',
    ].join('\n');
    const found = (await failureOf(pinsOf(text, 'locked.txt'))).map((message) => message.split('\n')[0]);
    expect(found).toEqual([
      'locked.txt:4: -r other.txt is not supported',
      'locked.txt:1: arrays>=2 is not an exact version',
      'locked.txt:2: codec has a source of the kind "git", expected a package index',
      'locked.txt:3: plots has no sha256 hash, which is the kind that indexes publish',
      'locked.txt:6: tester is pinned to 2, but to 1 at locked.txt:5',
    ]);
  });
});

describe('a pylock.toml', () => {
  it('has its default groups and no extras', async () => {
    const text = `
lock-version = "1.0"
created-by = "x"
default-groups = ["main"]
[[packages]]
name = "arrays"
version = "2.0"
marker = "'main' in dependency_groups"
[[packages]]
name = "codec"
version = "0.5"
marker = "'fast' in extras"
`;
    expect(await pinsOf(text, 'pylock.toml')).toEqual(['arrays 2.0 ']);
  });
});

describe('another file', () => {
  it.each([
    ['poetry.lock', 'Export it first: poetry export --output requirements.txt'],
    ['environment.yml', 'expected uv.lock, pylock.toml, pylock.<name>.toml, or a .txt file of exact pins'],
  ])('%s is refused with the next step', (file, next) => {
    expect(() => parseForeignLock('', file)).toThrow(next);
  });
});

describe('extras and dependency groups of uv.lock', () => {
  const TEXT = `version = 1
[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "six" }]
[package.optional-dependencies]
pg = [{ name = "toolz", marker = "sys_platform == 'linux'" }]
[package.dev-dependencies]
prod = [{ name = "attrs" }]
[package.metadata]
requires-dist = [
  { name = "six" },
  { name = "toolz", marker = "sys_platform == 'linux' and extra == 'pg'" },
]
[package.metadata.requires-dev]
prod = [{ name = "attrs", specifier = ">=20" }]
${['six', 'toolz', 'attrs'].map((name) => `[[package]]\nname = "${name}"\nversion = "1"\nsource = { registry = "https://i.example" }\n`).join('')}`;

  it('are imported if they are selected', () => {
    const plain = parseForeignLock(TEXT, 'uv.lock');
    expect([plain.requirements, plain.pinsFor(() => true).pins.map(({ name }) => name)]).toEqual([['six'], ['six']]);
    const selected = parseForeignLock(TEXT, 'uv.lock', { extras: ['PG'], groups: ['prod'] });
    expect(selected.requirements).toEqual(['six', "toolz ; sys_platform == 'linux'", 'attrs>=20']);
    expect(new Set(selected.pinsFor(() => true).pins.map(({ name }) => name))).toEqual(
      new Set(['six', 'toolz', 'attrs']),
    );
    expect(selected.markers).toContain("sys_platform == 'linux'");
  });

  it('must exist, and other locks have none', () => {
    expect(() => parseForeignLock(TEXT, 'uv.lock', { groups: ['prd'] })).toThrow(/has no group prd\n {2}expected prod/);
    expect(() => parseForeignLock('six==1', 'r.txt', { extras: ['pg'] })).toThrow('uv export --extra … --group …');
  });
});
