import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { expect, it } from 'vitest';
import { formatProvenance, parseProvenance, type ProvenanceRequest } from './provenance-statement.js';

const A = 'a'.repeat(64);
const WHEEL = { name: 'six-1.17.0-py3-none-any.whl', size: 1, sha256: A };
const RECIPE = { patches: [] } as never;

const REQUEST: ProvenanceRequest = {
  set: 'multi/py311',
  lock: {
    ...{ python: '3.11.2', platform: 'manylinux_2_28_x86_64', inputsSha256: A, bytecode: false, layout: 'tree' },
    packages: [
      samplePackage({ name: 'six', version: '1.17.0', source: { kind: 'wheel', wheel: WHEEL } }),
      samplePackage({
        ...{ name: 'demo', version: '1.0+local' },
        source: {
          ...{ kind: 'sdist', sdist: { name: 'demo-1.0.tar.gz', size: 1, sha256: 'b'.repeat(64) }, recipe: RECIPE },
          buildRequires: [
            {
              name: 'setuptools',
              version: '80.9.0',
              wheel: { name: 'setuptools-80.9.0-py3-none-any.whl', size: 1, sha256: 'c'.repeat(64) },
            },
          ],
        },
      }),
      samplePackage({
        name: 'own',
        version: '2.0',
        source: { kind: 'directory', path: 'apps/own', buildRequires: [] },
      }),
    ],
    applications: [],
  },
  lockFile: { path: 'reqsets/multi/pylock.py311.toml', sha256: 'd'.repeat(64) },
  ...{ vendor: 'us', code: { 'wheel-rpm': 'e'.repeat(64) } },
  builder: { id: 'https://ci.example.com/1', version: { pinpack: '0.1.0' } },
  subjects: [
    { path: 'wheels/six-1.17.0-py3-none-any.whl', sha256: A },
    { path: 'packages/x.rpm', sha256: 'f'.repeat(64), annotations: { pin: 'six' } },
  ],
};

it('is a Statement of in-toto with the predicate of SLSA, the same for files in any order', () => {
  const text = formatProvenance(REQUEST);
  expect(formatProvenance({ ...REQUEST, subjects: [...REQUEST.subjects].reverse() })).toBe(text);
  // The names of the fields are those of the specifications.
  expect(JSON.parse(text)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'packages/x.rpm', digest: { sha256: 'f'.repeat(64) }, annotations: { pin: 'six' } },
      { name: 'wheels/six-1.17.0-py3-none-any.whl', digest: { sha256: A } },
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:pinpack:build:publication:v1',
        externalParameters: {
          ...{ set: 'multi/py311', vendor: 'us', lock: 'reqsets/multi/pylock.py311.toml' },
          ...{ python: '3.11.2', platform: 'manylinux_2_28_x86_64' },
        },
        internalParameters: { code: { 'wheel-rpm': 'e'.repeat(64) } },
        resolvedDependencies: [
          { uri: 'reqsets/multi/pylock.py311.toml', name: 'lock', digest: { sha256: 'd'.repeat(64) } },
          {
            uri: 'pkg:pypi/six@1.17.0?file_name=six-1.17.0-py3-none-any.whl',
            ...{ name: WHEEL.name, digest: { sha256: A }, annotations: { pin: 'six', version: '1.17.0' } },
          },
          {
            uri: 'pkg:pypi/demo@1.0%2Blocal?file_name=demo-1.0.tar.gz',
            ...{ name: 'demo-1.0.tar.gz', digest: { sha256: 'b'.repeat(64) } },
            annotations: { pin: 'demo', version: '1.0+local' },
          },
          {
            uri: 'pkg:pypi/setuptools@80.9.0?file_name=setuptools-80.9.0-py3-none-any.whl',
            ...{ name: 'setuptools-80.9.0-py3-none-any.whl', digest: { sha256: 'c'.repeat(64) } },
            annotations: { builds: 'demo' },
          },
          { uri: 'apps/own', name: 'own 2.0', annotations: { pin: 'own', version: '2.0' } },
        ],
      },
      runDetails: { builder: { id: 'https://ci.example.com/1', version: { pinpack: '0.1.0' } } },
    },
  });
});

it('is read again', () => {
  const text = formatProvenance(REQUEST);
  expect(parseProvenance(text)).toEqual({ statement: JSON.parse(text) as unknown });
});

it.each([
  ['in-toto.io/Statement/v1', 'in-toto.io/Statement/v0.1'],
  ['slsa.dev/provenance/v1', 'slsa.dev/provenance/v0.2'],
  ['"subject": [', '"subject": [], "other": ['],
  ['"f', '"g'],
  ['"resolvedDependencies"', '"materials"'],
  ['{', ''],
])('is refused with %s as %s', (from, to) => {
  expect(parseProvenance(formatProvenance(REQUEST).replace(from, to))).toHaveProperty('problem');
});
