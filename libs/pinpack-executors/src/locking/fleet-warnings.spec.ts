import { OFFERED_COMPRESSIONS } from '@pinpack/rpm-gen';
import { FLEET_NAMES, FLEETS, lockedCompression, type Fleet } from '@pinpack/rpm-packaging';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import type { LockedPackage } from '@pinpack/python-dist';
import { expect, test } from 'vitest';
import { fleetWarnings } from './fleet-warnings.js';

function wheel(name: string, tags: string): LockedPackage {
  return {
    ...samplePackage(),
    name,
    source: { kind: 'wheel', wheel: { name: `${name}-1.0-${tags}.whl`, size: 1, sha256: '0'.repeat(64) } },
  };
}

const PACKAGES = [
  wheel('new', 'cp311-cp311-manylinux_2_34_x86_64'),
  wheel('both', 'cp311-cp311-manylinux_2_17_x86_64.manylinux_2_34_x86_64'),
  wheel('fat', 'cp311-cp311-manylinux_2_39_aarch64.manylinux2014_x86_64'),
  wheel('pure', 'py3-none-any'),
  sampleSourcePin(),
];

function warningsOf(fleet: string | undefined, more: Parameters<typeof sampleLock>[1] & { chosen?: string } = {}) {
  const compression = lockedCompression({ fleet, compression: more.chosen });
  return fleetWarnings('demo', sampleLock(PACKAGES, { compression, ...more }), { fleet });
}

test('is silent about a lock that suits the servers, and without a fleet', () => {
  for (const fleet of ['el8', 'el9', 'fedora', 'suse', 'suse16', 'al2023', 'patches', undefined])
    expect(warningsOf(fleet), fleet).toEqual([]);
  expect(warningsOf(undefined, { platform: 'manylinux_2_99_x86_64', python: '3.98.0' })).toEqual([]);
});

test('names the wheels for a newer glibc than the servers have', () => {
  const platform = 'manylinux_2_34_x86_64';
  expect(warningsOf('el8', { platform })).toEqual([
    'demo: the platform manylinux_2_34_x86_64 has glibc 2.34, but fleet el8 has 2.28. dnf refuses to install what these wheels become: new. Set "platform": "manylinux_2_28_x86_64" in reqset.json.',
  ]);
  expect(warningsOf('el9', { platform })).toEqual([]);
  const lock = sampleLock([wheel('pure', 'py3-none-any')], { platform, compression: 'xz:2' });
  expect(fleetWarnings('demo', lock, { fleet: 'suse' })).toEqual([
    expect.stringContaining(
      'No wheel of this lock needs it, but those of the next one may. Set "platform": "manylinux_2_31_x86_64"',
    ),
  ]);
});

test('names a Python that the distribution has no package of, unless it is bundled', () => {
  expect(warningsOf('el8', { python: '3.13.1' })).toEqual([
    expect.stringContaining('demo: no package of Python 3.13 is known for fleet el8, which has 2.7, 3.6, 3.8'),
  ]);
  const interpreter = {
    kind: 'folder' as const,
    location: 'python',
    sha256: '0'.repeat(64),
    size: 0,
    release: 1,
    keep: [],
  };
  expect(warningsOf('el8', { python: '3.13.1', interpreter })).toEqual([]);
  expect(warningsOf('fedora', { python: '3.10.1' })).toEqual([]);
});

test('names a machine that the distribution does not run on', () => {
  expect(warningsOf('al2023', { platform: 'manylinux_2_28_s390x' })).toEqual([
    'demo: the platform manylinux_2_28_s390x is for s390x, but fleet al2023 has x86_64, aarch64. Set "platform" in reqset.json to one of these.',
  ]);
});

test('warns of zstd where deltas are applied; every fleet reads every compression that is offered', () => {
  for (const chosen of ['zstd:3', 'zstd:19'])
    expect(warningsOf('el9', { chosen })).toEqual([expect.stringContaining('fleet el9 applies deltas (dnf 4)')]);
  expect(warningsOf('el9', { chosen: 'gzip:9' })).toEqual([]);
  expect(warningsOf('el10', { chosen: 'zstd:3', python: '3.12.1' })).toEqual([]);
  const known: Readonly<Record<string, Fleet>> = FLEETS;
  for (const fleet of FLEET_NAMES)
    for (const name of OFFERED_COMPRESSIONS)
      expect(known[fleet]?.payloads ?? [name.split(':')[0]]).toContain(name.split(':')[0]);
});
