import { describe, expect, test } from 'vitest';
import { folderEntries, licensesFolder, wheelRpmPaths } from './wheel-rpm-paths.js';

describe('wheelRpmPaths', () => {
  test('has no version in the tree, so that deltas are small', () => {
    expect(wheelRpmPaths('reqset3', 'numpy', 'numpy-2.4.6-cp311-cp311-linux_x86_64.whl')).toEqual({
      tree: '/usr/lib/pinpack/reqset3/numpy',
      stored: '/usr/lib/pinpack/reqset3/numpy.whl.stored',
      facts: '/usr/share/pinpack/reqset3/numpy.json',
      wheel: '/var/lib/pinpack/reqset3/wheelhouse/numpy-2.4.6-cp311-cp311-linux_x86_64.whl',
    });
  });
});

describe('folderEntries', () => {
  test('owns every folder down to a file, from pinpack\u2019s own on, and each once', () => {
    const entries = folderEntries([
      '/usr/lib/pinpack/reqset3/numpy/numpy/_core/a.so',
      '/usr/lib/pinpack/reqset3/numpy/numpy/b.py',
      '/usr/share/pinpack/reqset3/numpy.json',
      '/var/lib/pinpack/reqset3/wheelhouse/numpy.whl',
    ]);
    expect(entries.map(({ path }) => path).sort()).toEqual([
      '/usr/lib/pinpack',
      '/usr/lib/pinpack/reqset3',
      '/usr/lib/pinpack/reqset3/numpy',
      '/usr/lib/pinpack/reqset3/numpy/numpy',
      '/usr/lib/pinpack/reqset3/numpy/numpy/_core',
      '/usr/share/pinpack',
      '/usr/share/pinpack/reqset3',
      '/var/lib/pinpack',
      '/var/lib/pinpack/reqset3',
      '/var/lib/pinpack/reqset3/wheelhouse',
    ]);
    expect(new Set(entries.map(({ path: _path, ...rest }) => JSON.stringify(rest)))).toEqual(
      new Set([JSON.stringify({ kind: 'directory', mode: 0o755, size: 0 })]),
    );
  });

  test('owns the folder of its licence texts, and not that of all packages', () => {
    const entries = folderEntries([`${licensesFolder('reqset3-wheel-numpy')}/numpy-2.dist-info/LICENSE.txt`]);
    expect(entries.map(({ path }) => path).sort()).toEqual([
      '/usr/share/licenses/reqset3-wheel-numpy',
      '/usr/share/licenses/reqset3-wheel-numpy/numpy-2.dist-info',
    ]);
  });

  test('takes no folder of the system for its own, by whatever prefix', () => {
    expect(() => folderEntries(['/usr/lib/pinpack-other/x'])).toThrow(
      '/usr/lib/pinpack-other/x is in no folder of pinpack, expected /usr/lib/pinpack or /usr/share/pinpack or /var/lib/pinpack',
    );
  });

  test('has nothing for no files', () => {
    expect(folderEntries([])).toEqual([]);
  });
});
