/** SBOMs in the eyes of other readers, which validate them against the official schemas. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSboms, SBOM_READERS_ARE_MISSING, type ReadSboms } from '@pinpack/testing';
import sbom from '../executors/sbom/executor.js';
import { runExecutor, writeBuiltWorkspace, type SamplePin } from '../publishing/built-workspace.fixture.js';
import { sbomPaths } from './sbom-paths.js';

const AUDITWHEEL = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.4',
  components: [
    {
      type: 'library',
      name: 'carrier',
      version: '1.0',
      purl: 'pkg:pypi/carrier@1.0?file_name=carrier-1.0-py3-none-any.whl',
    },
    {
      type: 'library',
      name: 'libgfortran',
      version: '8.5.0-28.el8',
      purl: 'pkg:rpm/almalinux/libgfortran@8.5.0-28.el8',
    },
  ],
});
const VENDORED = 'Metadata-Version: 2.4\nName: Jaraco.Text\nVersion: 4.0.0\nLicense-Expression: MIT\n';

const PINS: SamplePin[] = [
  {
    name: 'carrier',
    version: '1.0',
    metadata: ['License-Expression: BSD-3-Clause AND MIT', 'License-File: LICENSE', 'Summary: Carries others'],
    dependencies: ['plain'],
    files: {
      'carrier-1.0.dist-info/licenses/LICENSE': 'Permission is granted.\r\n',
      'carrier-1.0.dist-info/sboms/auditwheel.cdx.json': AUDITWHEEL,
      'carrier.libs/libgfortran-040039e1.so.5.0.0': 'ELF',
      'carrier/_vendor/jaraco.text-4.0.0.dist-info/METADATA': VENDORED,
      'carrier/_vendor/vendor.txt': 'CacheControl==0.14.4 # x\n\n    msgpack==1.1.2\n',
    },
  },
  // A cycle, and words for a licence.
  { name: 'plain', version: '2.0+local', metadata: ['License: Free as in beer'], dependencies: ['carrier'] },
  { name: 'silent', version: '3!1.0rc1' },
];

describe.skipIf(SBOM_READERS_ARE_MISSING)('the SBOMs of a reqset (skipped without .venv-test)', () => {
  let root: string;
  let read: ReadSboms;
  const paths = sbomPaths('demo', 'demo');
  beforeAll(async () => {
    root = await writeBuiltWorkspace(PINS);
    const { errors, success } = await runExecutor(sbom, { reqset: 'demo' }, { root, plugin: {} });
    expect({ errors, success }).toEqual({ errors: '', success: true });
    read = readSboms({ cyclonedx: join(root, paths.cyclonedx), spdx: join(root, paths.spdx) });
  });

  test('have all pins with package URLs, digests and licences', () => {
    const { components, subject } = read.cyclonedx;
    expect(subject.name).toBe('demo');
    expect(components.map(({ name, version, purl, licenses }) => [name, version, purl, licenses])).toEqual([
      ['carrier', '1.0', 'pkg:pypi/carrier@1.0', ['BSD-3-Clause AND MIT']],
      ['plain', '2.0+local', 'pkg:pypi/plain@2.0%2Blocal', ['Free as in beer']],
      ['silent', '3!1.0rc1', 'pkg:pypi/silent@3%211.0rc1', []],
      ['python', '3.11', null, []],
    ]);
    for (const { name, sha256 } of components.slice(0, 3)) {
      expect(read.spdx.packages.find((one) => one.name === name)?.sha256).toBe(sha256);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(read.spdx.packages.find(({ name }) => name === 'plain')?.license).toMatch(/^LicenseRef-/);
  });

  test('have the edges, also of cycles', () => {
    expect(read.cyclonedx.edges).toEqual({
      'pkg:pypi/carrier@1.0': ['pkg:pypi/plain@2.0+local'],
      'pkg:pypi/plain@2.0+local': ['pkg:pypi/carrier@1.0'],
      demo: ['pkg:pypi/carrier@1.0', 'pkg:pypi/silent@3!1.0rc1', 'python@3.11'],
    });
  });

  test('have what wheels bundle: from SBOMs in them, copied libraries, vendored distributions', () => {
    const bundled = read.cyclonedx.components.find(({ name }) => name === 'carrier')?.bundled ?? [];
    expect(bundled.map(({ name, version, purl, licenses }) => [name, version, purl, licenses])).toEqual(
      [
        ['libgfortran', '8.5.0-28.el8', 'pkg:rpm/almalinux/libgfortran@8.5.0-28.el8', []],
        ['libgfortran-040039e1.so.5.0.0', null, null, []],
        ['jaraco-text', '4.0.0', 'pkg:pypi/jaraco-text@4.0.0', ['MIT']],
        ['cachecontrol', '0.14.4', 'pkg:pypi/cachecontrol@0.14.4', []],
        ['msgpack', '1.1.2', 'pkg:pypi/msgpack@1.1.2', []],
      ].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
    );
  });

  test('and the notice are the same bytes again', async () => {
    const texts = () => Object.values<string>({ ...paths }).map((path) => readFileSync(join(root, path), 'utf8'));
    const before = texts();
    for (const path of Object.values<string>({ ...paths })) rmSync(join(root, path));
    await runExecutor(sbom, { reqset: 'demo' }, { root, plugin: {} });
    expect(texts()).toEqual(before);
    expect(before[2]).toContain('carrier 1.0\nLicense: BSD-3-Clause AND MIT\nContains: libgfortran 8.5.0-28.el8');
    expect(before[2]).toContain('--- carrier-1.0.dist-info/licenses/LICENSE\n\nPermission is granted.\n');
  });
});
