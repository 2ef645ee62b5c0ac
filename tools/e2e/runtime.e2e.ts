/** pinpack-runtime and the wheelhouse, installed by RPMs, called by their scriptlets and file trigger. rpmbuild makes these RPMs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRpm } from './rpm-build.js';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { describeFailure, readProgram, type ProgramResult } from '@pinpack/common/program';
import { sha256File } from './rpm-query.js';

const MINUTES = 60_000;
const RUNTIME = fileURLToPath(new URL('../../libs/pinpack-runtime', import.meta.url));
const TREE = '/usr/lib/pinpack/reqset1/demo';
const FACTS = '/usr/share/pinpack/reqset1/demo.json';
const WHEELHOUSE = '/var/lib/pinpack/reqset1/wheelhouse';
const STATE = ['/var/lib/pinpack', '/var/lib/pinpack/reqset1', WHEELHOUSE];

const RUNTIME_SPEC = [
  ...['Name: pinpack-runtime', 'Version: 1', 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
  ...['Requires: /usr/bin/python3', '%description', 'Runtime.', '%global __brp_python_bytecompile %{nil}', '%install'],
  `install -D -m 755 ${RUNTIME}/bin/pinpack-runtime %{buildroot}/usr/bin/pinpack-runtime`,
  'mkdir -p %{buildroot}/usr/lib/pinpack-runtime/pinpack_runtime',
  `install -m 644 ${RUNTIME}/src/pinpack_runtime/*.py %{buildroot}/usr/lib/pinpack-runtime/pinpack_runtime/`,
  ...['%files', '/usr/bin/pinpack-runtime', '/usr/lib/pinpack-runtime', ''],
].join('\n');

const WHEELHOUSE_SPEC = [
  ...[
    'Name: pinpack-wheelhouse',
    'Version: 1',
    'Release: 1',
    'Summary: For tests',
    'License: MIT',
    'BuildArch: noarch',
  ],
  ...['Requires(preun): pinpack-runtime', '%description', 'Wheelhouse.', '%files'],
  ...['%transfiletriggerin -- /usr/share/pinpack/', 'pinpack-runtime wheelhouse make --listed'],
  ...['%verifyscript', 'pinpack-runtime wheelhouse verify'],
  ...['%preun', 'if [ "$1" = 0 ]; then pinpack-runtime wheelhouse remove; fi', ''],
].join('\n');

// Writes the unzipped wheel demo VERSION to argv[1], with a module that only this version and CONTENT has; prints the sha256 of zipfile's wheel.
const MAKE_WHEEL = `
import hashlib, os, sys
tree, tests, version, content = sys.argv[1:]
sys.path.insert(0, tests)
from wheel_fixture import digest_of, record_of, zipfile_wheel
info = 'demo-%s.dist-info' % version
files = {'demo/__init__.py': b'', 'demo/only_%s.py' % version: content.encode(), info + '/METADATA': b'Name: demo\\n'}
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

/** A wheel RPM as pinpack makes them: tree, facts, %ghost wheel, and no scriptlet but the one that verifies. */
function wheelSpec(version: string, release: number, tree: string, sha256: string): string {
  const wheel = `demo-${version}-py3-none-any.whl`;
  const facts = JSON.stringify({ format: 1, wheel, distInfo: `demo-${version}.dist-info`, sha256 });
  const root = '%{buildroot}';
  return [
    ...['Name: demo', `Version: ${version}`, `Release: ${release}`, 'Summary: For tests', 'License: MIT'],
    ...['BuildArch: noarch', 'Requires: pinpack-runtime', 'AutoReqProv: no', '%description', 'Demo.', '%install'],
    ...[`mkdir -p ${root}${TREE} ${root}${WHEELHOUSE} ${root}/usr/share/pinpack/reqset1`],
    ...[`cp -r ${tree}/. ${root}${TREE}/`, `touch ${root}${WHEELHOUSE}/${wheel}`, `echo '${facts}' > ${root}${FACTS}`],
    ...['%verifyscript', 'pinpack-runtime wheel verify reqset1 demo'],
    ...['%files', '/usr/lib/pinpack', '/usr/share/pinpack', ...STATE.map((folder) => `%dir ${folder}`)],
    ...[`%ghost ${WHEELHOUSE}/${wheel}`, ''],
  ].join('\n');
}

async function buildDemo(folder: string, version: string, release = 1): Promise<DemoRpm> {
  const tree = join(folder, `tree-${version}-${release}`);
  const content = `${version} ${release}`;
  const words = ['-B', '-c', MAKE_WHEEL, tree, join(RUNTIME, 'tests'), version, content];
  const sha256 = await readProgram('python3', words);
  const rpm = await buildRpm(join(folder, 'rpms'), wheelSpec(version, release, tree, sha256));
  return { rpm, sha256, wheel: `${WHEELHOUSE}/demo-${version}-py3-none-any.whl` };
}

function expectSuccess(result: ProgramResult): string {
  expect(result.exitCode, describeFailure(result)).toBe(0);
  // dnf reports a failing scriptlet, and succeeds.
  expect(result.all).not.toMatch(/scriptlet failed/);
  return result.stdout;
}

describe('the wheelhouse in an install root', { timeout: 2 * MINUTES }, () => {
  let folder = '';
  let root: InstallRoot;
  const demos: Record<'older' | 'newer' | 'again', DemoRpm & { repository: string }> = {} as never;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-e2e-'));
    root = await createInstallRoot(join(folder, 'target'));
    const common = [
      await buildRpm(join(folder, 'rpms'), RUNTIME_SPEC),
      await buildRpm(join(folder, 'rpms'), WHEELHOUSE_SPEC),
    ];
    const add = async (name: keyof typeof demos, version: string, release: number) => {
      const demo = await buildDemo(folder, version, release);
      demos[name] = { ...demo, repository: await makeRepository(join(folder, name), [...common, demo.rpm]) };
    };
    await add('older', '1.0', 1);
    await add('newer', '1.1', 1);
    await add('again', '1.1', 2);
  }, 2 * MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function expectWheelOf(name: keyof typeof demos): Promise<void> {
    const { wheel, sha256 } = demos[name];
    expect(await root.files('/var/lib/pinpack')).toEqual([wheel]);
    expect(await sha256File(root.path(wheel))).toBe(sha256);
    expectSuccess(await root.rpm(['-V', 'demo', 'pinpack-wheelhouse']));
  }

  async function dnf(name: keyof typeof demos, ...words: string[]): Promise<void> {
    expectSuccess(await root.dnf(demos[name].repository, words));
  }

  async function expectNothing(): Promise<void> {
    expect(await root.files('/usr')).toEqual([]);
    expect(await root.files('/var/lib/pinpack')).toEqual([]);
  }

  it('has no wheels without pinpack-wheelhouse', async () => {
    await dnf('older', 'install', 'demo');
    expect(await root.files('/var/lib/pinpack')).toEqual([`${WHEELHOUSE}/`]);
    expectSuccess(await root.rpm(['-V', 'demo']));
  });

  it('makes the wheels of installed RPMs when it is installed', async () => {
    await dnf('older', 'install', 'pinpack-wheelhouse');
    await expectWheelOf('older');
  });

  it('follows an upgrade, from the new RECORD', async () => {
    await dnf('newer', 'upgrade', 'demo');
    await expectWheelOf('newer');
    expect(await root.files(join(TREE, 'demo'))).toEqual([
      join(TREE, 'demo/__init__.py'),
      join(TREE, 'demo/only_1.1.py'),
    ]);
  });

  it('follows another release of the same version, whose wheel has the same name', async () => {
    expect(demos.again.wheel).toBe(demos.newer.wheel);
    await dnf('again', 'upgrade', 'demo');
    await expectWheelOf('again');
  });

  it('follows downgrades, to the other release and to the other version', async () => {
    await dnf('newer', 'downgrade', 'demo');
    await expectWheelOf('newer');
    await dnf('older', 'downgrade', 'demo');
    await expectWheelOf('older');
    await dnf('newer', 'upgrade', 'demo');
  });

  it('rpm -V reports a damaged tree and a missing wheel, and dnf reinstall fixes both', async () => {
    const { wheel } = demos.newer;
    await writeFile(root.path(join(TREE, 'demo/only_1.1.py')), 'damaged');
    await rm(root.path(wheel));
    const verified = await root.rpm(['-V', 'demo', 'pinpack-wheelhouse']);
    expect(verified.exitCode).not.toBe(0);
    expect(verified.all).toContain(`${wheel}: it is missing`);
    expect(verified.all).toContain('demo/only_1.1.py has 7 bytes, recorded are 5');
    expect(verified.all).toContain('next step: Reinstall the RPM that owns the file: dnf reinstall "$(rpm -qf ');
    await dnf('newer', 'reinstall', 'demo');
    await expectWheelOf('newer');
    expect(await readFile(root.path(join(TREE, 'demo/only_1.1.py')), 'utf8')).toBe('1.1 1');
  });

  it('rpm -V reports a damaged wheel, and the command that fixes it', async () => {
    await writeFile(root.path(demos.newer.wheel), 'damaged');
    for (const name of ['demo', 'pinpack-wheelhouse']) {
      const verified = await root.rpm(['-V', name]);
      expect(verified.exitCode).not.toBe(0);
      expect(verified.all).toContain('next step: Make it again: pinpack-runtime wheelhouse make');
    }
    expectSuccess(await root.run(['/usr/bin/pinpack-runtime', 'wheelhouse', 'make']));
    await expectWheelOf('newer');
  });

  it('dnf reports what cannot be made, and how to fix it', async () => {
    await rm(root.path(demos.newer.wheel));
    await rm(root.path(join(TREE, 'demo/only_1.1.py')));
    const installed = await root.dnf(demos.newer.repository, ['reinstall', 'pinpack-wheelhouse']);
    expect(installed.all).toContain('demo/only_1.1.py is missing');
    expect(installed.all).toContain('next step: Reinstall the RPM that owns the file');
    expect(installed.all).toMatch(/scriptlet failed/);
    await dnf('newer', 'reinstall', 'demo');
    await expectWheelOf('newer');
  });

  it('removes its wheels when it is removed, and leaves the wheel RPMs intact', async () => {
    await dnf('newer', 'remove', 'pinpack-wheelhouse');
    expect(await root.files('/var/lib/pinpack')).toEqual([`${WHEELHOUSE}/`]);
    expectSuccess(await root.rpm(['-V', 'demo']));
    await dnf('newer', 'remove', 'demo', 'pinpack-runtime');
    await expectNothing();
  });

  it.each([
    ['when the wheel RPM goes first', ['demo'], ['pinpack-wheelhouse', 'pinpack-runtime']],
    ['when all go at once', ['demo', 'pinpack-wheelhouse', 'pinpack-runtime'], []],
    ['when the runtime goes, which takes all along', ['pinpack-runtime'], []],
  ])('leaves nothing %s', async (_what, first, second) => {
    await dnf('newer', 'install', 'demo', 'pinpack-wheelhouse');
    await expectWheelOf('newer');
    await writeFile(root.path(`${WHEELHOUSE}/.pinpack-runtime-killed.part`), 'left by a killed run');
    await dnf('newer', 'remove', ...first);
    if (second.length > 0) await dnf('newer', 'remove', ...second);
    await expectNothing();
  });

  it('can be made by hand, and rpm removes what was made with the wheel RPM', async () => {
    await dnf('older', 'install', 'demo');
    expectSuccess(await root.run(['/usr/bin/pinpack-runtime', 'wheelhouse', 'make', 'reqset1']));
    expect(await root.files('/var/lib/pinpack')).toEqual([demos.older.wheel]);
    await dnf('newer', 'upgrade', 'demo');
    expect(await root.files('/var/lib/pinpack')).toEqual([`${WHEELHOUSE}/`]);
    await dnf('newer', 'remove', 'demo', 'pinpack-runtime');
    await expectNothing();
  });
});
