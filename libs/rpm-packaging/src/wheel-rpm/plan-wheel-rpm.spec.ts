import { parseMetadata, parseWheelFileName, type Pin } from '@pinpack/python-dist';
import { encodeRpm, packPayload, readRpm } from '@pinpack/rpm-gen';
import { describe, expect, test } from 'vitest';
import { samplePin, SHA256 } from '../pin.fixture.js';
import { thrown } from '@pinpack/testing';
import { planWheelRpm, type WheelRpmFacts } from './plan-wheel-rpm.js';

const SCIPY: Partial<Pin> = {
  name: 'scipy',
  version: '1.17',
  release: 2,
  requires: ['numpy<2.7,>=1.26.4'],
  dependencies: ['numpy'],
};

function facts(more: Partial<Pin> = SCIPY, requiresDist = ['numpy >=1.26.4, <2.7', 'pytest; extra == "test"']) {
  const pin = samplePin(more);
  const fileName = pin.source.kind === 'wheel' ? pin.source.wheel.name : 'unused';
  const fields = [`Name: ${pin.name}`, `Version: ${pin.version}`, 'Summary: Sums', 'License: BSD-3-Clause'];
  const lines = ['Metadata-Version: 2.4', ...fields, ...requiresDist.map((one) => `Requires-Dist: ${one}`)];
  return {
    reqset: 'reqset3',
    pin,
    wheel: {
      fileName,
      identity: parseWheelFileName(fileName),
      metadata: parseMetadata(`${lines.join('\n')}\n`),
    },
    sha256: SHA256,
    elfRequires: ['libc.so.6(GLIBC_2.28)(64bit)'],
    vendor: 'ACME',
  } satisfies WheelRpmFacts;
}

describe('planWheelRpm', () => {
  test('dates build and changelog by the lock, which has no time in older formats', () => {
    const timesOf = ({ buildTime, changelog }: ReturnType<typeof planWheelRpm>) => [buildTime, changelog[0]?.time];
    expect(timesOf(planWheelRpm(facts({ ...SCIPY, time: '2026-11-20T23:34:54Z' })))).toEqual([1795217694, 1795217694]);
    expect(timesOf(planWheelRpm(facts()))).toEqual([315532800, 315532800]);
  });

  test('plans every tag of the RPM', () => {
    const spec = planWheelRpm(facts());
    expect(spec).toMatchObject({
      name: 'reqset3-wheel-scipy',
      version: '1.17.0',
      release: '2',
      architecture: 'x86_64',
      summary: 'Sums',
      license: 'BSD-3-Clause',
      vendor: 'ACME',
      buildTime: 315532800,
      buildHost: 'pinpack',
      requires: [
        { name: 'python(abi)', sense: '=', version: '3.11' },
        { name: 'pinpack-runtime', sense: '>=', version: '0.1.0', when: ['verify'] },
        { name: 'reqset3-wheel-numpy', sense: '<', version: '2.7.0~~' },
        { name: 'reqset3-wheel-numpy', sense: '>=', version: '1.26.4' },
        { name: 'libc.so.6(GLIBC_2.28)(64bit)' },
      ],
      provides: [],
      changelog: [
        {
          time: 315532800,
          author: 'ACME - 1.17.0-2',
          text: `- scipy 1.17, sha256 of the canonical wheel ${SHA256}`,
        },
      ],
    });
    expect(Object.keys(spec.scriptlets)).toEqual(['verify']);
  });

  test('is an RPM that can be written and read', async () => {
    const spec = planWheelRpm(facts());
    const { chunks } = encodeRpm(spec, await packPayload([], { kind: 'none' }));
    expect(readRpm(Buffer.concat([...chunks])).header.NAME).toBe('reqset3-wheel-scipy');
  });

  test('provides the version without its local part, as Python takes it for the same', () => {
    const { version, provides } = planWheelRpm(facts({ version: '2.1+cpu', release: 4 }, []));
    expect(version).toBe('2.1.0^cpu');
    expect(provides).toEqual([{ name: 'reqset3-wheel-numpy', sense: '=', version: '2.1.0-4' }]);
  });

  test('carries an epoch in its own version, its provides and its changelog', () => {
    const { epoch, version, provides, changelog } = planWheelRpm(facts({ version: '1!2.1+cpu' }, []));
    expect({ epoch, version }).toEqual({ epoch: 1, version: '2.1.0^cpu' });
    expect(provides?.[0]?.version).toBe('1:2.1.0-1');
    expect(changelog[0]?.author).toBe('ACME - 1:2.1.0^cpu-1');
  });

  test('finds a requirement however METADATA writes it', () => {
    const written = ['NumPy (>=1.26.4,<2.7) ; python_version >= "3"', 'Jaraco_Text[extra]'];
    const { requires } = planWheelRpm(facts({ ...SCIPY, requires: ['jaraco-text', 'numpy<2.7,>=1.26.4'] }, written));
    expect(requires?.map(({ name }) => name)).toContain('reqset3-wheel-jaraco-text');
  });

  test('refuses a wheel that does not declare what the lock has', () => {
    expect(thrown(() => planWheelRpm(facts({ ...SCIPY, requires: ['numpy<2.7,>=1.26.4', 'six'] })))).toBe(
      [
        "PINPACK_REQUIRES_DIFFER scipy-1.17-cp311-cp311-manylinux_2_28_x86_64.whl: the lock has requirements of scipy that the wheel's METADATA doesn't declare: six",
        'Lock again: the lock or the source tree has changed since.',
      ].join('\n  '),
    );
    expect(thrown(() => planWheelRpm(facts({ ...SCIPY, requires: ['numpy<2.8,>=1.26.4'] })))).toMatch(
      /^PINPACK_REQUIRES_DIFFER .*: numpy<2\.8,>=1\.26\.4\n/,
    );
  });
});
