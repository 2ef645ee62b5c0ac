import { describe, expect, it } from 'vitest';
import { formatShimSpec } from './host-shim.js';

describe('the spec file of the host shim', () => {
  const specFile = formatShimSpec({
    pythonVersion: '3.11.2',
    sonames: ['libc.so.6(GLIBC_2.34)(64bit)', 'libz.so.1()(64bit)'],
  });
  const provides = specFile.split('\n').filter((line) => line.startsWith('Provides: '));

  it('provides the Python, the shell, the loader and every soname', () => {
    const wanted = [
      '/bin/sh',
      '/usr/bin/python3',
      'python(abi) = 3.11',
      'python3 = 3.11.2',
      'rtld(GNU_HASH)',
      'libz.so.1()(64bit)',
    ];
    for (const capability of wanted) expect(provides).toContain(`Provides: ${capability}`);
  });

  it('requires nothing and has no files', () => {
    expect(specFile).toContain('AutoReqProv: no');
    expect(specFile.endsWith('%files\n')).toBe(true);
    expect(specFile).not.toContain('Requires:');
  });
});
