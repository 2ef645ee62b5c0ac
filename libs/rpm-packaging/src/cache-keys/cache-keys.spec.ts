import { parseMetadata, parseWheelFileName, type PinSource } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { sampleFacts, sampleApplicationRequest } from '../application-rpm/application-request.fixture.js';
import { planApplicationRpm } from '../application-rpm/plan-application-rpm.js';
import { SHA256, samplePin } from '../pin.fixture.js';
import { planWheelRpm } from '../wheel-rpm/plan-wheel-rpm.js';
import {
  applicationRpmKey,
  sourceBuildKey,
  wheelRpmKey,
  type ApplicationRpmInputs,
  type SourceBuildInputs,
  type WheelRpmInputs,
} from './cache-keys.js';

const CODE = 'c0de'.repeat(16);
const OTHER = 'cd'.repeat(32);
const METADATA = 'Metadata-Version: 2.4\nName: numpy\nVersion: 2.4.6\nRequires-Dist: scipy>=1\nRequires-Dist: pandas\n';
const WHEEL = 'numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl';

function rpmInputs(more: Partial<WheelRpmInputs> = {}): WheelRpmInputs {
  const requires = ['scipy>=1', 'pandas'];
  return {
    code: CODE,
    set: 'reqset3',
    pin: samplePin({ requires }),
    vendor: 'pinpack',
    wheel: { fileName: WHEEL, sha256: SHA256 },
    compiler: undefined,
    ...more,
  };
}

describe('the key of a wheel RPM', () => {
  /** The header that is made of it, apart from what the wheel itself has. */
  const specOf = ({ set, pin, vendor, wheel }: WheelRpmInputs) =>
    planWheelRpm({
      reqset: set,
      pin: { ...pin, requires: [...pin.requires].sort() },
      wheel: {
        fileName: wheel.fileName,
        identity: parseWheelFileName(wheel.fileName),
        metadata: parseMetadata(METADATA),
      },
      sha256: wheel.sha256,
      elfRequires: [],
      vendor,
    });
  const requires = ['scipy>=1', 'pandas'];
  const source = { kind: 'wheel', wheel: { name: WHEEL, size: 1, sha256: OTHER } } as const;
  const numpy = { name: 'numpy', version: '2.4.6', wheel: source.wheel };
  const built = { kind: 'directory', path: 'apps/demo', buildRequires: [numpy] } satisfies PinSource;

  test.each<[string, Partial<WheelRpmInputs>]>([
    ['the order of requirements', { pin: samplePin({ requires: ['pandas', 'scipy>=1'] }) }],
    ['edges that are no requirements', { pin: samplePin({ requires, dependencies: ['scipy'] }) }],
    ['extras', { pin: samplePin({ requires, extras: ['all'] }) }],
    ['where the wheel came from', { pin: samplePin({ requires, source }) }],
    [
      'the numpy that it was compiled against',
      { pin: samplePin({ requires, dependencies: ['numpy'], source: built }) },
    ],
    ['the patch version of the Python', { pin: samplePin({ requires, python: '3.11.9' }) }],
    ['a requirement', { pin: samplePin({ requires: ['pandas'] }) }],
    ['the release', { pin: samplePin({ requires, release: 2 }) }],
    ['the minor version of the Python', { pin: samplePin({ requires, python: '3.12.2' }) }],
    ['the platform', { pin: samplePin({ requires, platform: 'manylinux_2_28_aarch64' }) }],
    ['the reqset', { set: 'reqset4' }],
    ['the variant', { set: 'reqset3/py311' }],
    ['the vendor', { vendor: 'us' }],
    ['the wheel', { wheel: { fileName: WHEEL, sha256: OTHER } }],
  ])('has %s in it if, and only if, the RPM has', (_what, change) => {
    const [one, other] = [rpmInputs(), rpmInputs(change)];
    const isSameRpm = JSON.stringify(specOf(one)) === JSON.stringify(specOf(other));
    expect(wheelRpmKey(one) === wheelRpmKey(other)).toBe(isSameRpm);
  });

  test.each<[string, Partial<WheelRpmInputs>]>([
    ["pinpack's code", { code: OTHER }],
    ['bytecode', { pin: samplePin({ requires, bytecode: true }) }],
    ['the compression', { pin: samplePin({ requires, compression: 'xz:2' }) }],
    ['the layout', { pin: samplePin({ requires, layout: 'stored' }) }],
    ['the Python that compiles it', { compiler: 'cpython cpython-311 3 11 2 final 0 a70d0d0a' }],
    ['the name of the wheel', { wheel: { fileName: 'numpy-2.4.6-cp311-cp311-linux_x86_64.whl', sha256: SHA256 } }],
  ])('has %s in it', (_what, change) => {
    expect(wheelRpmKey(rpmInputs(change))).not.toBe(wheelRpmKey(rpmInputs()));
  });

  test('has no bytecode in it where that is compiled on the server', () => {
    const stored = { requires, layout: 'stored' } as const;
    const key = (bytecode: boolean) => wheelRpmKey(rpmInputs({ pin: samplePin({ ...stored, bytecode }) }));
    expect(key(true)).toBe(key(false));
  });

  test('has what a pin may have one day, until somebody knows that no RPM has it', () => {
    const pin = { ...samplePin({ requires }), anything: 'else' };
    expect(wheelRpmKey(rpmInputs({ pin }))).not.toBe(wheelRpmKey(rpmInputs()));
  });

  test('is a key of the store', () => {
    expect(wheelRpmKey(rpmInputs())).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the key of an application RPM', () => {
  const inputs = (more: Partial<ApplicationRpmInputs> = {}): ApplicationRpmInputs => ({
    code: CODE,
    request: sampleApplicationRequest(),
    vendor: 'pinpack',
    runtime: '0.1.0',
    facts: sampleFacts(),
    delivered: new Map([['deploy/a', Buffer.from('a')]]),
    ...more,
  });
  const specOf = ({ request, vendor, runtime }: ApplicationRpmInputs) => planApplicationRpm(request, runtime, vendor);

  test('has nothing of the smoke test in it, as the RPM has', () => {
    const change = { request: sampleApplicationRequest({ smoke: { imports: ['demo'] } }) };
    expect(applicationRpmKey(inputs(change))).toBe(applicationRpmKey(inputs()));
    expect(specOf(inputs(change))).toEqual(specOf(inputs()));
  });

  test.each<[string, Partial<ApplicationRpmInputs>]>([
    ["pinpack's code", { code: OTHER }],
    ['how it is filled', { request: sampleApplicationRequest({ fill: 'pip' }) }],
    ['the account', { request: sampleApplicationRequest({ user: 'demo' }) }],
    ['the vendor', { vendor: 'us' }],
    ['pinpack-runtime', { runtime: '0.2.0' }],
    ['the wheels', { facts: new Map([...sampleFacts()].map(([name, facts]) => [name, { ...facts, sha256: OTHER }])) }],
    ['the content of a delivered file', { delivered: new Map([['deploy/a', Buffer.from('b')]]) }],
    ['the path of a delivered file', { delivered: new Map([['deploy/b', Buffer.from('a')]]) }],
  ])('has %s in it', (_what, change) => {
    expect(applicationRpmKey(inputs(change))).not.toBe(applicationRpmKey(inputs()));
  });
});

describe('the key of a source build', () => {
  const wheel = { name: 'setuptools-80.0-py3-none-any.whl', size: 10, sha256: SHA256 };
  const setuptools = { name: 'setuptools', version: '80.0', wheel };
  const numpy = { name: 'numpy', version: '2.4.6', wheel: { ...wheel, name: WHEEL } };
  const soabi = 'cpython-311-x86_64-linux-gnu';
  const python = {
    path: '/usr/bin/python3.11',
    version: '3.11.2 (main)',
    soabi,
    flags: '-O2',
    libc: 'glibc 2.36',
    machine: 'x86_64',
  };
  const compilers = { cc: 'cc 12', ld: 'ld 2.40' };
  const recipe = { environment: { A: '1', B: '2' }, configSettings: {}, patches: [], system: [] };
  const sdist = (changes: object = {}) => ({ from: { sdist: SHA256, recipe: { ...recipe, ...changes } } });
  const inputs = (more: Partial<SourceBuildInputs> = {}): SourceBuildInputs => ({
    code: CODE,
    pin: { name: 'my-demo', version: '1.0', platform: 'manylinux_2_28_x86_64' },
    from: { tree: SHA256 },
    buildRequires: [setuptools, numpy],
    python,
    compilers,
    ...more,
  });

  test('has neither the order of the build requirements nor of anything else in it', () => {
    const turned = { buildRequires: [numpy, setuptools], compilers: { ld: 'ld 2.40', cc: 'cc 12' } };
    expect(sourceBuildKey(inputs(turned))).toBe(sourceBuildKey(inputs()));
    const other = sdist({ environment: { B: '2', A: '1' } });
    expect(sourceBuildKey(inputs(other))).toBe(sourceBuildKey(inputs(sdist())));
  });

  test('has the place of the Python not in it', () => {
    const elsewhere = { python: { ...python, path: '/opt/bin/python3.11' } };
    expect(sourceBuildKey(inputs(elsewhere))).toBe(sourceBuildKey(inputs()));
  });

  test('has nothing of the reqset in it: two share what they build alike', () => {
    const pin = samplePin({ name: 'my-demo', version: '1.0', release: 7, dependencies: ['scipy'], bytecode: true });
    expect(sourceBuildKey(inputs({ pin }))).toBe(sourceBuildKey(inputs()));
  });

  test.each<[string, Partial<SourceBuildInputs>]>([
    ["pinpack's code", { code: OTHER }],
    ['the version', { pin: { ...inputs().pin, version: '1.1' } }],
    ['the platform', { pin: { ...inputs().pin, platform: 'manylinux_2_34_x86_64' } }],
    ['the source tree', { from: { tree: OTHER } }],
    ['an sdist in its place', sdist()],
    ['a build requirement', { buildRequires: [setuptools] }],
    ["a build requirement's bytes", { buildRequires: [setuptools, { ...numpy, wheel: { ...wheel, sha256: OTHER } }] }],
    ['the Python', { python: { ...python, version: '3.11.3 (main)' } }],
    ['the C library', { python: { ...python, libc: 'glibc 2.37' } }],
    ['the compiler', { compilers: { ...compilers, cc: 'cc 13' } }],
  ])('has %s in it', (_what, change) => {
    expect(sourceBuildKey(inputs(change))).not.toBe(sourceBuildKey(inputs()));
  });

  test.each<[string, object]>([
    ['a variable', { environment: { A: '2' } }],
    ['a setting of the backend', { configSettings: { a: 'b' } }],
    ['a patch', { patches: [{ path: 'a.patch', sha256: OTHER }] }],
  ])('has %s of its recipe in it', (_what, change) => {
    expect(sourceBuildKey(inputs(sdist(change)))).not.toBe(sourceBuildKey(inputs(sdist())));
  });
});
