import { fileURLToPath } from 'node:url';
import { Uv } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { PinpackError } from '../pinpack-error.js';
import { machineWarnings, thisMachine, type Machine } from './machine-warnings.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const BUILT = sampleLock([sampleSourcePin(), samplePackage()]);

function machineOf(more: Partial<Machine>): Machine {
  return {
    builder: () => Promise.resolve({ machine: 'x86_64' }),
    compiler: () => Promise.resolve('/usr/bin/python3.11'),
    ...more,
  };
}

describe('machineWarnings', () => {
  test('has none where all is there', async () => {
    expect(await machineWarnings({ ...BUILT, bytecode: true }, machineOf({}))).toEqual([]);
  });

  test('looks for nothing where every wheel is binary and nothing is compiled', async () => {
    const refuse = () => Promise.reject(new TypeError('looked'));
    expect(await machineWarnings(sampleLock([samplePackage()]), { builder: refuse, compiler: refuse })).toEqual([]);
  });

  test('reports a Python that a source build or bytecode needs, as building does, with the real tools', async () => {
    const machine = thisMachine(await Uv.find(ROOT));
    const lock = { ...BUILT, python: '3.98.0', bytecode: true };
    const [builder = '', compiler = '', ...others] = await machineWarnings(lock, machine);
    expect(builder).toContain('python3.98: is not installed; builds from source');
    expect(compiler).toContain('python3.98: is not installed; RPMs with bytecode');
    expect(others).toEqual([]);
  });

  test('reports source builds for another machine', async () => {
    const lock = { ...BUILT, platform: 'manylinux_2_28_aarch64' };
    expect(await machineWarnings(lock, machineOf({}))).toEqual([
      'my-demo: built from source for manylinux_2_28_aarch64, but this machine is x86_64. Build them on a machine of the locked platform.',
    ]);
  });

  test('throws internal errors', async () => {
    const broken = machineOf({ builder: () => Promise.reject(new TypeError('ours')) });
    await expect(machineWarnings(BUILT, broken)).rejects.toThrow(TypeError);
    const told = machineOf({ builder: () => Promise.reject(new PinpackError('PINPACK_PYTHON_MISSING', 'x', 'y')) });
    expect(await machineWarnings(BUILT, told)).toEqual(['x: y']);
  });
});
