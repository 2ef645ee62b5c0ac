/** The harness against itself: two RPMs of rpmbuild's, installed, looked at and erased by dnf. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRpm } from './rpm-build.js';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { describeFailure, type ProgramResult } from '@pinpack/common/program';
import { rpmQuery } from './rpm-query.js';

const MINUTES = 60_000;

function specFile(name: string, lines: readonly string[]): string {
  return [
    ...[`Name: ${name}`, 'Version: 1', 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
    ...[...lines, ''],
  ].join('\n');
}

const LOWER = specFile('e2e-lower', [
  ...['Requires: python(abi) >= 3.6, /bin/sh, libc.so.6(GLIBC_2.2.5)(64bit), rtld(GNU_HASH)', '%description', 'Lower.'],
  ...['%install', 'mkdir -p %{buildroot}/usr/lib/e2e-lower', 'echo lower > %{buildroot}/usr/lib/e2e-lower/file'],
  ...['%post', 'echo "$1 $(id -u)" > /var/lib/e2e-lower', '%preun', 'rm -f /var/lib/e2e-lower'],
  ...['%files', '/usr/lib/e2e-lower'],
]);
const UPPER = specFile('e2e-upper', [
  ...[
    'Requires: e2e-lower = 1',
    '%description',
    'Upper.',
    '%install',
    'mkdir -p %{buildroot}/usr/bin %{buildroot}/opt/e2e-upper',
  ],
  ...['printf "#!/bin/sh\\ncat /usr/lib/e2e-lower/file\\n" > %{buildroot}/usr/bin/e2e-upper'],
  ...['echo "it was $(cat /usr/lib/e2e-lower/file)" > /dev/null 2>&1 || :'],
  ...['%post -p /usr/bin/python3', 'open("/opt/e2e-upper/installed", "w").close()'],
  ...[
    '%preun',
    'rm /opt/e2e-upper/installed',
    '%files',
    '%attr(755,root,root) /usr/bin/e2e-upper',
    '%dir /opt/e2e-upper',
  ],
]);

function expectSuccess(result: ProgramResult): string {
  expect(result.exitCode, describeFailure(result)).toBe(0);
  return result.stdout;
}

describe('an install root', () => {
  let folder = '';
  let repository = '';
  let root: InstallRoot;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-e2e-'));
    root = await createInstallRoot(join(folder, 'target'));
    const rpms = await Promise.all([LOWER, UPPER].map((spec) => buildRpm(join(folder, 'rpms'), spec)));
    repository = await makeRepository(join(folder, 'repository'), rpms);
  }, 2 * MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('installs a package with what it requires and runs the scriptlets', { timeout: 2 * MINUTES }, async () => {
    expectSuccess(await root.dnf(repository, ['install', 'e2e-upper']));
    const names = expectSuccess(await root.rpm(['-qa', '--qf', '%{NAME}\n'])).split('\n');
    expect(names.sort()).toEqual(['e2e-lower', 'e2e-upper', expect.stringMatching(/^host-shim-/)]);
    expect(await readFile(root.path('/var/lib/e2e-lower'), 'utf8')).toBe('1 0\n');
    expect(await root.files('/usr')).toEqual(['/usr/bin/e2e-upper', '/usr/lib/e2e-lower/file']);
    expect(await root.files('/opt')).toEqual(['/opt/e2e-upper/installed']);
    expectSuccess(await root.rpm(['-V', 'e2e-lower', 'e2e-upper']));
  });

  it('runs programs in the root, with the environment it is given and no other', async () => {
    expect(expectSuccess(await root.run(['/usr/bin/e2e-upper']))).toBe('lower');
    const show = 'import os; print(os.environ.get("E2E"), os.environ.get("USER"), os.getuid())';
    expect(expectSuccess(await root.run(['/usr/bin/python3', '-c', show], { env: { E2E: 'yes' } }))).toBe('yes None 0');
    expect((await root.run(['/bin/sh', '-c', 'exit 3'])).exitCode).toBe(3);
  });

  it('has no pip, no ensurepip and no network', async () => {
    for (const module of ['pip', 'ensurepip', 'setuptools']) {
      const result = await root.run(['/usr/bin/python3', '-m', module, '--version']);
      expect(result.exitCode, describeFailure(result)).toBe(1);
      expect(result.stderr).toContain(`No module named ${module}`);
    }
    const sockets = 'import socket; print([name for _, name in socket.if_nameindex()])';
    expect(expectSuccess(await root.run(['/usr/bin/python3', '-c', sockets]))).toBe("['lo']");
  });

  it('says what dnf says when a requirement is missing', { timeout: 2 * MINUTES }, async () => {
    const rpm = await buildRpm(
      join(folder, 'rpms'),
      specFile('e2e-broken', ['Requires: nowhere', '%description', 'x', '%files']),
    );
    const broken = await makeRepository(join(folder, 'broken'), [rpm]);
    const result = await root.dnf(broken, ['install', 'e2e-broken']);
    expect(result.exitCode).not.toBe(0);
    expect(result.all).toContain('nothing provides nowhere');
  });

  it('has nothing left after erasing', { timeout: 2 * MINUTES }, async () => {
    expectSuccess(await root.dnf(repository, ['remove', 'e2e-upper', 'e2e-lower', 'host-shim-*']));
    expect(expectSuccess(await root.rpm(['-qa']))).toBe('');
    expect(await root.files('/usr')).toEqual([]);
    expect(await root.files('/opt')).toEqual(['/opt/']);
    expect(await root.files('/var/lib/e2e-lower')).toEqual([]);
  });

  it("provides what the RPMs require of the host's /usr, according to rpm", async () => {
    const [shim = ''] = (await readdir(repository)).filter((name) => name.startsWith('host-shim-'));
    const provides = (await rpmQuery(join(repository, shim), ['--provides'])).split('\n');
    expect(provides).toContain('libc.so.6(GLIBC_2.2.5)(64bit)');
    expect(provides).toContain('/bin/sh');
    expect(await rpmQuery(join(repository, shim), ['--requires'])).not.toContain('libc');
  });
});
