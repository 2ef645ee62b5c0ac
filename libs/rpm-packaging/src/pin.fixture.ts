/** Pins and locks for specs. */
import type { Lock, LockedPackage, Pin } from '@pinpack/python-dist';

export const SHA256 = 'ab'.repeat(32);

export function samplePackage(more: Partial<LockedPackage> = {}): LockedPackage {
  const { name = 'numpy', version = '2.4.6' } = more;
  const wheel = `${name.replaceAll('-', '_')}-${version}-cp311-cp311-manylinux_2_28_x86_64.whl`;
  return {
    name,
    version,
    release: 1,
    source: { kind: 'wheel', wheel: { name: wheel, size: 1000, sha256: SHA256 } },
    extras: [],
    requires: [],
    dependencies: [],
    ...more,
  };
}

export function samplePin(more: Partial<Pin> = {}): Pin {
  return {
    python: '3.11',
    platform: 'manylinux_2_28_x86_64',
    bytecode: false,
    layout: 'tree',
    ...samplePackage(more),
    ...more,
  };
}

/** A source tree's pin: built from apps/demo with setuptools. */
export function sampleSourcePin(more: Partial<Pin> = {}): Pin {
  const wheel = { name: 'setuptools-80.0-py3-none-any.whl', size: 10, sha256: SHA256 };
  const buildRequires = [{ name: 'setuptools', version: '80.0', wheel }];
  return samplePin({
    name: 'my-demo',
    version: '1.0',
    source: { kind: 'directory', path: 'apps/demo', buildRequires },
    ...more,
  });
}

export function sampleLock(packages: LockedPackage[], more: Partial<Lock> = {}): Lock {
  const identity = {
    python: '3.11.2',
    platform: 'manylinux_2_28_x86_64',
    inputsSha256: SHA256,
    bytecode: false,
    layout: 'tree' as const,
  };
  return { ...identity, packages, applications: [], ...more };
}
