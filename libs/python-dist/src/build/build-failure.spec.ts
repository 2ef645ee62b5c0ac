/** Output of compilers, backends and projects, and the causes derived from it. */
import { describe, expect, test } from 'vitest';
import { buildFailed } from './build-failure.js';

const PIN = { name: 'demo', version: '1.0', python: '3.11.2' };

function causeOf(output: string): string {
  const [first = ''] = buildFailed(PIN, 'dist/logs/demo.log', output).message.split('\n');
  return first;
}

describe('buildFailed names the cause', () => {
  test.each([
    ['x.c:1:10: fatal error: Python.h: No such file or directory', 'Debian: python3.11-dev, Fedora: python3.11-devel'],
    ["error: command 'gcc' failed: No such file or directory", 'the program gcc is missing (Debian: gcc, Fedora: gcc)'],
    ["error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", 'Debian: gcc, Fedora: gcc'],
    ["gcc: fatal error: cannot execute 'cc1plus': execvp: No such file", 'Debian: g++, Fedora: gcc-c++'],
    [
      'a.c:3:10: fatal error: ffi.h: No such file or directory',
      'the header ffi.h is missing (Debian: libffi-dev, Fedora: libffi-devel)',
    ],
    ["a.c:3:10: fatal error: 'openssl/ssl.h' file not found", 'Debian: libssl-dev, Fedora: openssl-devel'],
    [
      'a.cpp:3:10: fatal error: boost/any.hpp: No such file or directory',
      'Debian: libboost-all-dev, Fedora: boost-devel',
    ],
    [
      'a.c:3:10: fatal error: nobody/knows.h: No such file or directory',
      "apt-file search nobody/knows.h, dnf provides '*/nobody/knows.h'",
    ],
    ["Package libxml-2.0 was not found\nNo package 'libxml-2.0' found", 'Debian: libxml2-dev, Fedora: libxml2-devel'],
    [
      'meson.build:3:0: ERROR: Dependency "openblas" not found, tried pkgconfig',
      'Debian: libopenblas-dev, Fedora: openblas-devel',
    ],
    [
      "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]",
      'Debian: gfortran, Fedora: gcc-gfortran',
    ],
    ['Error: pg_config executable not found.', 'Debian: libpq-dev, Fedora: libpq-devel'],
    ["error: can't find Rust compiler", 'Debian: cargo, Fedora: cargo'],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", 'Debian: cmake, Fedora: cmake'],
    ['/bin/sh: 1: swig: not found', 'Debian: swig, Fedora: swig'],
    ['/usr/bin/ld: cannot find -lsnappy: No such file', 'the library libsnappy.so is missing'],
    ["ModuleNotFoundError: No module named 'pkg_resources'", 'setuptools<81'],
    ["ModuleNotFoundError: No module named 'numpy'", 'imports numpy, which it does not declare'],
    ['MemoryError', 'builds.memoryMiB'],
    ['sh: 1: fork: Resource temporarily unavailable', 'builds.processes'],
    ["OSError: [Errno 27] File too large: 'x'", 'builds.diskMiB'],
    ["meson.build:14:14: ERROR: Git command failed: ['/usr/bin/git', 'clone']", 'it needs the network'],
    ['urllib3: Could not resolve host: example.org', 'it needs the network'],
  ])('for %j', (output, expected) => {
    expect(causeOf(`Building\n${output}\n`)).toContain(expected);
  });

  test('unless it is unknown', () => {
    expect(causeOf('error: expected ; before }')).toBe('demo 1.0: its wheel could not be built');
  });
});

test('buildFailed shows the last lines and the path of the log', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  const message = buildFailed(PIN, 'dist/logs/demo.log', lines.join('\n')).message.split('\n');
  expect(message.slice(1, 3)).toEqual(['  line 25', '  line 26']);
  expect(message.at(-1)).toBe('  Full log: dist/logs/demo.log');
});
