/** Bytecode against Python's own py_compile, and that it is the same wherever it is compiled. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Wheel } from '@pinpack/python-dist';
import { execa } from 'execa';
import { afterEach, describe, expect, test, vi, type TestContext } from 'vitest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { compileBytecode } from './compile-bytecode.js';
import { findPython } from './find-python.js';

const TREE = '/usr/lib/pinpack/reqset3/demo';
const SOURCES: Record<string, string> = {
  'demo/__init__.py':
    'X = {"b", "a", "c"}\ndef f(x):\n    """Says."""\n    assert x in {"b", "a", None}\n    return "Γ"\n',
  'demo/empty.py': '',
  'demo/latin.py': '# -*- coding: latin-1 -*-\nX = "x"\n',
  'demo/old.py': 'print "no"\n',
  'demo/nul.py': 'x = 1\0\n',
  'demo/shipped.py': 'x = 1\n',
  'demo/__pycache__/shipped.cpython-311.pyc': 'its own',
  'demo/data.txt': 'x = 1\n',
  'demo-1.0.data/scripts/run.py': 'x = 1\n',
  'single.py': 'x = 1\n',
};

function wheelOf(files: Record<string, string>): Pick<Wheel, 'entries' | 'read' | 'fileName'> {
  const entries = Object.entries(files).map(([name, text]) => ({
    name,
    size: Buffer.byteLength(text),
    mode: 0o644 as const,
  }));
  const read = ({ name }: { name: string }) =>
    Promise.resolve({ data: Buffer.from(files[name] ?? ''), sha256: '', crc32: 0 });
  return { entries, read, fileName: 'demo-1.0-py3-none-any.whl' };
}

async function compile({ skip }: TestContext, files = SOURCES) {
  await findPython('3.11').catch(() => skip('there is no python3.11 on PATH (Debian, Fedora: python3.11)'));
  return compileBytecode(wheelOf(files), { python: '3.11' }, TREE);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('compileBytecode', () => {
  test('compiles each module that compiles, and nothing that the wheel ships', async (context) => {
    expect((await compile(context)).map(({ name }) => name)).toEqual([
      'demo/__pycache__/__init__.cpython-311.pyc',
      'demo/__pycache__/empty.cpython-311.pyc',
      'demo/__pycache__/latin.cpython-311.pyc',
      '__pycache__/single.cpython-311.pyc',
    ]);
  });

  test('gives the bytes of py_compile: hash-based, unchecked, not optimized, named as on the server', async (context) => {
    const compiled = await compile(context);
    const folder = temporaryFolder();
    const program =
      'import py_compile, sys; py_compile.compile(*sys.argv[1:3], dfile=sys.argv[3], doraise=True, optimize=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)';
    for (const name of ['demo/__init__', 'demo/empty', 'demo/latin', 'single']) {
      const [source, pyc] = [join(folder, `${name}.py`), join(folder, `${name}.pyc`)];
      mkdirSync(dirname(source), { recursive: true });
      writeFileSync(source, SOURCES[`${name}.py`] ?? '');
      const env = { PYTHONHASHSEED: '0' };
      await execa(await findPython('3.11'), ['-c', program, source, pyc, `${TREE}/${name}.py`], { env });
      const cached = name.replace(/(\w+)$/, '__pycache__/$1.cpython-311.pyc');
      const found = compiled.find((bytecode) => bytecode.name === cached);
      expect(Buffer.from(found?.data ?? []).toString('hex')).toBe(readFileSync(pyc).toString('hex'));
    }
  });

  test('gives the same bytes in any environment', async (context) => {
    const before = await compile(context);
    vi.stubEnv('PYTHONHASHSEED', '77');
    vi.stubEnv('PYTHONOPTIMIZE', '2');
    vi.stubEnv('PYTHONUTF8', '0');
    vi.stubEnv('LC_ALL', 'C');
    expect(await compile(context)).toEqual(before);
  });

  test('needs no Python where there is nothing to compile', async () => {
    vi.stubEnv('PATH', '');
    expect(await compileBytecode(wheelOf({ 'a.txt': '' }), { python: '3.11' }, TREE)).toEqual([]);
  });

  test('names the Python that is missing, and its packages', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    vi.stubEnv('PYENV_ROOT', '/nowhere/pyenv');
    vi.stubEnv('UV_PYTHON_INSTALL_DIR', '/nowhere/uv');
    expect(await rejected(() => compileBytecode(wheelOf(SOURCES), { python: '3.11' }, TREE))).toBe(
      [
        'PINPACK_PYTHON_MISSING python3.11: is not installed; RPMs with bytecode ("bytecode" in reqset.json) are compiled by the Python version that they are for',
        'looked on PATH and in /nowhere/pyenv/versions, /nowhere/uv',
        'Install it (Debian: python3.11, Fedora: python3.11, or pyenv install 3.11, or uv python install 3.11), or set "bytecode" to false and lock again.',
      ].join('\n  '),
    );
  });

  test('reports a compiler that fails', async () => {
    const path = fakePython('case "$3" in -c) echo cpython 3 11;; *) echo killed >&2; exit 9;; esac');
    vi.stubEnv('PATH', `${path}${delimiter}/bin`);
    expect(await rejected(() => compileBytecode(wheelOf(SOURCES), { python: '3.11' }, TREE))).toBe(
      `PINPACK_COMPILE_FAILED demo-1.0-py3-none-any.whl: ${path}/python3.11 could not compile its modules, exit code 9\n  killed`,
    );
  });
});

/** A folder with a `python3.11` that runs this script. */
function fakePython(script: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'python3.11'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'python3.11'), 0o755);
  return folder;
}

/** Neither pyenv nor uv. */
const NOWHERE = { PYENV_ROOT: '/dev/null', UV_PYTHON_INSTALL_DIR: '/dev/null' };

describe('findPython', () => {
  test('passes by what is no such Python', async () => {
    const none = [
      fakePython('exit 127'),
      fakePython('echo cpython 3 12'),
      fakePython('echo pypy 3 11'),
      temporaryFolder(),
    ];
    const right = fakePython('echo cpython 3 11');
    const environment = { ...NOWHERE, PATH: [...none, '', right].join(delimiter) };
    expect(await findPython('3.11', environment)).toBe(join(right, 'python3.11'));
  });

  test('finds those of pyenv and uv that are not on PATH, the newest first', async () => {
    const root = temporaryFolder();
    for (const [folder, script] of [
      ['pyenv/versions/3.11.2', 'echo cpython 3 11'],
      ['pyenv/versions/3.11.10', 'exit 127'],
      ['pyenv/versions/3.12.1', 'echo cpython 3 12'],
      ['uv/cpython-3.10.4-linux-x86_64-gnu', 'echo cpython 3 10'],
    ] as const) {
      const minor = /3\.\d+/.exec(folder)?.[0] ?? '';
      mkdirSync(join(root, folder, 'bin'), { recursive: true });
      writeFileSync(join(root, folder, 'bin', `python${minor}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const environment = {
      PATH: fakePython('exit 127'),
      PYENV_ROOT: join(root, 'pyenv'),
      UV_PYTHON_INSTALL_DIR: join(root, 'uv'),
    };
    expect(await findPython('3.11', environment)).toBe(join(root, 'pyenv/versions/3.11.2/bin/python3.11'));
    expect(await findPython('3.10', environment)).toBe(join(root, 'uv/cpython-3.10.4-linux-x86_64-gnu/bin/python3.10'));
    await expect(findPython('3.9', environment)).rejects.toThrow(
      `looked on PATH and in ${root}/pyenv/versions, ${root}/uv`,
    );
  });
});
