import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, SHA256 } from '../pin.fixture.js';
import { billOfApplication, billOfImage, billOfPublication, billOfReqset } from './bill.js';
import { formatCycloneDx } from './cyclonedx.js';
import { formatSpdx } from './spdx.js';

const WHEEL = { name: 'setuptools-80.0-py3-none-any.whl', size: 10, sha256: SHA256 };
const LOCK = sampleLock(
  [
    samplePackage({
      name: 'my-app',
      version: '1.0',
      source: {
        kind: 'directory',
        path: 'apps/app',
        buildRequires: [{ name: 'setuptools', version: '80.0', wheel: WHEEL }],
      },
      dependencies: ['numpy'],
    }),
    samplePackage(),
    samplePackage({ name: 'other', version: '1' }),
  ],
  { applications: [{ name: 'app', release: 1, library: 'my-app' }] },
);
const REQUEST = { set: 'multi/py311', lock: LOCK, distributions: new Map() };
const DIGEST = `sha256:${SHA256}`;

const namesOf = ({ components }: { components: { name: string }[] }) => components.map(({ name }) => name);

describe('a bill of materials', () => {
  test('of an application has its closure; what the workspace contains is on no index', () => {
    const bill = billOfApplication(REQUEST, 'app');
    expect(bill.subject).toMatchObject({ name: 'multi-py311-app', version: '1.0', kind: 'application' });
    expect(bill.subject.dependsOn).toEqual(['pkg:generic/my-app@1.0', 'python@3.11']);
    expect(namesOf(bill)).toEqual(['my-app', 'numpy', 'python']);
    expect(bill.components[0]?.dependsOn).toEqual(['pkg:pypi/numpy@2.4.6']);
  });

  test('has the libraries in a bundled Python', () => {
    const place = {
      kind: 'archive' as const,
      location: 'python.tar.gz',
      sha256: SHA256,
      size: 1,
      keep: [],
      release: 1,
    };
    const lock = { ...LOCK, python: '3.11.11', interpreter: { ...place, contains: { openssl: '3.0.15', xz: '' } } };
    const bill = billOfApplication({ ...REQUEST, lock }, 'app');
    const python = bill.components.find(({ name }) => name === 'python');
    expect(python?.bundled.map(({ name, version, purl }) => [name, version, purl])).toEqual([
      ['openssl', '3.0.15', 'pkg:generic/openssl@3.0.15'],
      ['xz', undefined, 'pkg:generic/xz'],
    ]);
    const written = JSON.parse(formatCycloneDx(bill, { version: '1' })) as { components: { name: string }[] };
    expect(written.components.find(({ name }) => name === 'python')).toMatchObject({
      components: [{ name: 'openssl', version: '3.0.15' }, { name: 'xz' }],
    });
  });

  test('of an image has its base too, by digest', () => {
    const application = billOfApplication(REQUEST, 'app');
    const bill = billOfImage(application, { name: 'ubi9', digest: DIGEST });
    expect(bill.subject.kind).toBe('container');
    expect(namesOf(bill)).toEqual([...namesOf(application), 'ubi9']);
    expect(bill.components.at(-1)).toMatchObject({ version: DIGEST, file: { sha256: SHA256 } });
    expect(JSON.parse(formatCycloneDx(bill, { version: '1' }))).toMatchObject({
      metadata: { component: { type: 'container' } },
    });
  });

  test('of a publication has its RPMs, each with the pin in it', () => {
    const file = 'packages/a.rpm';
    const rpm = {
      name: 'multi-py311-wheel-numpy',
      evr: '1:2.4.6-1',
      architecture: 'x86_64',
      file,
      sha256: SHA256,
      pin: 'numpy',
    };
    const bill = billOfPublication(billOfReqset(REQUEST), [rpm]);
    expect(bill.subject.dependsOn).toEqual([file]);
    expect(bill.components.at(-1)).toMatchObject({
      purl: 'pkg:rpm/multi-py311-wheel-numpy@2.4.6-1?arch=x86_64&epoch=1',
      dependsOn: ['pkg:pypi/numpy@2.4.6'],
    });
  });

  test('has other serial numbers and namespaces with other content, and the same with the same', () => {
    const [one, other] = [billOfReqset(REQUEST), billOfApplication(REQUEST, 'app')];
    const texts = (bill: typeof one) => [
      formatCycloneDx(bill, { version: '1' }),
      formatSpdx(bill, { version: '1', created: 0 }),
    ];
    expect(texts(one)).toEqual(texts(one));
    const ids = [...texts(one), ...texts(other)].map((text) => /urn:uuid:[0-9a-f-]{36}/.exec(text)?.[0]);
    expect(new Set(ids).size).toBe(4);
  });
});
