import { describe, expect, test } from 'vitest';
import { sampleSourcePin } from '../pin.fixture.js';
import { apiRequirements } from './api-requires.js';

function builtWith(name: string, version: string, dependencies = ['numpy']) {
  const wheel = { name: `${name}-${version}-py3-none-any.whl`, size: 1, sha256: 'ab'.repeat(32) };
  const source = { kind: 'directory' as const, path: 'apps/demo', buildRequires: [{ name, version, wheel }] };
  return { ...sampleSourcePin(), source, dependencies };
}

describe('what was compiled against numpy', () => {
  test.each([
    ['1.26.4', ['numpy>=1.26', 'numpy<2']],
    ['2.0.2', ['numpy>=2.0', 'numpy<3']],
    ['2.4.6', ['numpy>=2.4', 'numpy<3']],
  ])('%s requires one of the same ABI that has all of its C API', (version, expected) => {
    expect(apiRequirements(builtWith('numpy', version), true)).toEqual(expected);
  });

  test('requires nothing more where it is pure, or does not run with numpy, or was built without', () => {
    expect(apiRequirements(builtWith('numpy', '2.4.6'), false)).toEqual([]);
    expect(apiRequirements(builtWith('numpy', '2.4.6', []), true)).toEqual([]);
    expect(apiRequirements(builtWith('setuptools', '80.0'), true)).toEqual([]);
  });
});
