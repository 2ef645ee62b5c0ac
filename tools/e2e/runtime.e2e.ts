/** pinpack-runtime where it will live: installed by an RPM, called by the scriptlets of a wheel RPM. Both are rpmbuild's here. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRpm, createInstallRoot, describeFailure, makeRepository, readProgram, sha256File } from './index.js';
import type { InstallRoot, ProgramResult } from './index.js';

const MINUTES = 60_000;
const RUNTIME = fileURLToPath(new URL('../../libs/pinpack-runtime', import.meta.url));
const TREE = '/usr/lib/pinpack/reqset1/demo';
const WHEELHOUSE = '/var/lib/pinpack/reqset1/wheelhouse';

const RUNTIME_SPEC = [
  ...['Name: pinpack-runtime', 'Version: 1', 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
  ...['Requires: /usr/bin/python3', '%description', 'Runtime.', '%global __brp_python_bytecompile %{nil}', '%install'],
  `install -D -m 755 ${RUNTIME}/bin/pinpack-runtime %{buildroot}/usr/bin/pinpack-runtime`,
  'mkdir -p %{buildroot}/usr/lib/pinpack-runtime/pinpack_runtime',
  `install -m 644 ${RUNTIME}/src/pinpack_runtime/*.py %{buildroot}/usr/lib/pinpack-runtime/pinpack_runtime/`,
  ...['%files', '/usr/bin/pinpack-runtime', '/usr/lib/pinpack-runtime', ''],
].join('\n');

// Writes the unzipped wheel demo VERSION to argv[1], with a module that only this version has, and prints the sha256 of zipfile's wheel.
const MAKE_WHEEL = `
import hashlib, os, sys
tree, tests, version = sys.argv[1:]
sys.path.insert(0, tests)
from wheel_fixture import digest_of, record_of, zipfile_wheel
info = 'demo-%s.dist-info' % version
files = {'demo/__init__.py': b'', 'demo/only_%s.py' % version: version.encode(), info + '/METADATA': b'Name: demo\\n'}
rows = [(name, digest_of(data), str(len(data))) for name, data in files.items()]
files[info + '/RECORD'] = record_of(rows + [(info + '/RECORD', '', '')])
for name, data in files.items():
    os.makedirs(os.path.dirname(os.path.join(tree, name)), exist_ok=True)
    with open(os.path.join(tree, name), 'wb') as file:
        file.write(data)
print(hashlib.sha256(zipfile_wheel(files, executable=())).hexdigest())
`;

interface DemoRpm {
  rpm: string;
  sha256: string;
  wheel: string;
}

/** A wheel RPM as pinpack makes them: tree, %ghost wheel, post-install, pre-remove and verify scripts. */
function wheelSpec(version: string, tree: string, sha256: string): string {
  const wheel = `${WHEELHOUSE}/demo-${version}-py3-none-any.whl`;
  const place = `--tree ${TREE} --dist-info demo-${version}.dist-info --wheel ${wheel} --sha256 ${sha256}`;
  return [
    ...['Name: demo', `Version: ${version}`, 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
    ...[
      'Requires: pinpack-runtime',
      'Requires(post): pinpack-runtime',
      'Requires(preun): pinpack-runtime',
      'AutoReqProv: no',
    ],
    ...['%description', 'Demo.', '%install', `mkdir -p %{buildroot}${TREE} %{buildroot}${WHEELHOUSE}`],
    ...[`cp -r ${tree}/. %{buildroot}${TREE}/`, `touch %{buildroot}${wheel}`],
    ...['%post', `pinpack-runtime wheel rebuild ${place}`, '%verifyscript', `pinpack-runtime wheel verify ${place}`],
    ...['%preun', `if [ "$1" = 0 ]; then pinpack-runtime wheel remove --wheel ${wheel}; fi`],
    ...['%files', '/usr/lib/pinpack', '%dir /var/lib/pinpack', '%dir /var/lib/pinpack/reqset1', `%dir ${WHEELHOUSE}`],
    ...[`%ghost ${wheel}`, ''],
  ].join('\n');
}

async function buildDemo(folder: string, version: string): Promise<DemoRpm> {
  const tree = join(folder, `tree-${version}`);
  const sha256 = await readProgram('python3', ['-B', '-c', MAKE_WHEEL, tree, join(RUNTIME, 'tests'), version]);
  const rpm = await buildRpm(join(folder, 'rpms'), wheelSpec(version, tree, sha256));
  return { rpm, sha256, wheel: `${WHEELHOUSE}/demo-${version}-py3-none-any.whl` };
}

function expectSuccess(result: ProgramResult): string {
  expect(result.exitCode, describeFailure(result)).toBe(0);
  return result.stdout;
}

describe('pinpack-runtime in an install root', () => {
  let folder = '';
  let root: InstallRoot;
  let older: DemoRpm;
  let newer: DemoRpm;
  let olderRepository = '';
  let newerRepository = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-e2e-'));
    root = await createInstallRoot(join(folder, 'target'));
    const runtime = await buildRpm(join(folder, 'rpms'), RUNTIME_SPEC);
    [older, newer] = [await buildDemo(folder, '1.0'), await buildDemo(folder, '1.1')];
    olderRepository = await makeRepository(join(folder, 'older'), [runtime, older.rpm]);
    newerRepository = await makeRepository(join(folder, 'newer'), [runtime, newer.rpm]);
  }, 2 * MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('rebuilds the wheel at installation', { timeout: MINUTES }, async () => {
    expectSuccess(await root.dnf(olderRepository, ['install', 'demo']));
    expect(await sha256File(root.path(older.wheel))).toBe(older.sha256);
    expectSuccess(await root.rpm(['-V', 'demo']));
  });

  it('rebuilds from the new RECORD at an upgrade, while the old files are there', { timeout: MINUTES }, async () => {
    expectSuccess(await root.dnf(newerRepository, ['upgrade', 'demo']));
    expect(await root.files('/var/lib/pinpack')).toEqual([newer.wheel]);
    expect(await sha256File(root.path(newer.wheel))).toBe(newer.sha256);
    expect(await root.files(join(TREE, 'demo'))).toEqual([
      join(TREE, 'demo/__init__.py'),
      join(TREE, 'demo/only_1.1.py'),
    ]);
  });

  it(
    'lets rpm -V tell a damaged tree and a missing wheel, and dnf reinstall put both right',
    { timeout: MINUTES },
    async () => {
      await writeFile(root.path(join(TREE, 'demo/only_1.1.py')), 'damaged');
      await rm(root.path(newer.wheel));
      const verified = await root.rpm(['-V', 'demo']);
      expect(verified.exitCode).not.toBe(0);
      expect(verified.all).toContain('the wheel is missing');
      expect(verified.all).toContain('demo/only_1.1.py has 7 bytes, recorded are 3');
      expect(verified.all).toContain('next step: Reinstall the RPM that owns the file: dnf reinstall "$(rpm -qf ');
      expectSuccess(await root.dnf(newerRepository, ['reinstall', 'demo']));
      expectSuccess(await root.rpm(['-V', 'demo']));
      expect(await readFile(root.path(join(TREE, 'demo/only_1.1.py')), 'utf8')).toBe('1.1');
    },
  );

  it('leaves nothing when everything is erased', { timeout: MINUTES }, async () => {
    expectSuccess(await root.dnf(newerRepository, ['remove', 'demo', 'pinpack-runtime']));
    expect(await root.files('/usr')).toEqual([]);
    expect(await root.files('/var/lib/pinpack')).toEqual([]);
  });
});
