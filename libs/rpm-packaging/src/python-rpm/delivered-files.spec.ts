import { INTERPRETER_PARTS, type InterpreterPart } from '@pinpack/python-dist';
import { expect, test } from 'vitest';
import { isDelivered } from './delivered-files.js';

const BASE = { minor: '3.12', keep: [], needed: new Set<string>() };

test.each([
  'bin/python3.12',
  'lib/python3.12/os.py',
  'lib/python3.12/LICENSE.txt',
  'lib/python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so',
  'lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py',
  // Modules with such names are no tests.
  'lib/python3.12/doctest.py',
  'lib/python3.12/unittest/case.py',
])('%s is delivered', (path) => {
  expect(isDelivered(path, BASE)).toBe(true);
});

test.each([
  'bin/pip3.12',
  'bin/python3.12-config',
  'bin/python3',
  'share/man/man1/python3.12.1',
  'lib/python3.12/__pycache__/os.cpython-312.pyc',
  'lib/python3.12/distutils/command/wininst-14.0.exe',
  'lib/python3.12/venv/scripts/nt/python.exe',
])('%s is never delivered', (path) => {
  expect(isDelivered(path, { ...BASE, keep: INTERPRETER_PARTS })).toBe(false);
});

test.each<[InterpreterPart, string]>([
  ['crypt', 'lib/python3.12/lib-dynload/_crypt.cpython-312-x86_64-linux-gnu.so'],
  ['headers', 'include/python3.12/Python.h'],
  ['idlelib', 'lib/python3.12/idlelib/run.py'],
  ['libpython', 'lib/libpython3.12.so.1.0'],
  ['pip', 'lib/python3.12/ensurepip/_bundled/pip-24.0-py3-none-any.whl'],
  ['pip', 'lib/python3.12/site-packages/pip/__init__.py'],
  ['static', 'lib/python3.12/config-3.12-x86_64-linux-gnu/libpython3.12.a'],
  ['tests', 'lib/python3.12/test/test_os.py'],
  ['tests', 'lib/python3.12/sqlite3/test/regression.py'],
  ['tests', 'lib/python3.12/lib-dynload/_testcapi.cpython-312-x86_64-linux-gnu.so'],
  ['tkinter', 'lib/python3.12/tkinter/ttk.py'],
  ['tkinter', 'lib/libtcl8.6.so'],
])('%s: %s', (part, path) => {
  expect(isDelivered(path, BASE)).toBe(false);
  expect(isDelivered(path, { ...BASE, keep: [part] })).toBe(true);
});

test('a library that the program needs is delivered', () => {
  const path = 'lib/libpython3.12.so.1.0';
  expect(isDelivered(path, { ...BASE, needed: new Set([path]) })).toBe(true);
});
