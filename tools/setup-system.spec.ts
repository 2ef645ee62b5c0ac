/** The set-up of system packages, against fake programs on PATH: what it asks apt and dnf for, and that it asks for nothing twice. */
import { chmod, mkdtemp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('setup-system.sh', import.meta.url));
const NEEDED_BY_THE_SCRIPT = ['bash', 'env', 'paste', 'sort'];
const PRESENT = [
  'rpm',
  'rpmbuild',
  'rpmsign',
  'rpmlint',
  'gpg',
  'zstd',
  'cpio',
  'chromium',
  'shellcheck',
  'cc',
  'c++',
  'python3',
  'createrepo_c',
  'rpm2cpio',
  'debootstrap',
  'skopeo',
  'umoci',
  'podman',
];

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-setup-'));
  path = join(folder, 'bin');
  await mkdir(path);
  for (const name of NEEDED_BY_THE_SCRIPT) await symlink((await execa('which', [name])).stdout, join(path, name));
  for (const name of PRESENT) await writeFake(name, 'exit 0');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeFake(name: string, body: string): Promise<void> {
  await writeFile(join(path, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(path, name), 0o755);
}

/** A package manager that notes its arguments, and "installs" the programs named. */
async function writePackageManager(name: string, programs: readonly string[]): Promise<void> {
  const install = programs.map((program) => `: > ${join(path, program)}; /bin/chmod 755 ${join(path, program)}`);
  await writeFake(name, [`echo "${name} $*" >> ${join(folder, 'log')}`, ...install].join('\n'));
}

async function runSetup(...args: string[]) {
  const result = await execa('/bin/bash', [SCRIPT, ...args], {
    env: { PATH: path },
    extendEnv: false,
    reject: false,
    all: true,
  });
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  return { exitCode: result.exitCode, output: result.all, log: log.trimEnd().split('\n') };
}

describe('tools/setup-system.sh', () => {
  it('installs by apt what is missing, and nothing the second time', async () => {
    await writeFake('id', 'echo 0');
    await writePackageManager('apt-get', ['bwrap', 'applydeltarpm', 'dnf']);
    const first = await runSetup();
    expect(first).toMatchObject({ exitCode: 0 });
    const install = 'apt-get install -q -y --no-install-recommends bubblewrap deltarpm dnf';
    expect(first.log).toEqual(['apt-get update -q', install]);
    const second = await runSetup();
    expect(second).toMatchObject({ exitCode: 0, log: first.log });
    expect(second.output).toContain('everything is there');
  });

  it('installs only what builds need with --build', async () => {
    await writeFake('id', 'echo 0');
    await writePackageManager('apt-get', ['bwrap']);
    const { exitCode, log } = await runSetup('--build');
    expect(exitCode).toBe(0);
    expect(log).toEqual(['apt-get update -q', 'apt-get install -q -y --no-install-recommends bubblewrap']);
    expect((await runSetup('--check')).output).toMatch(/missing: deltarpm dnf$/);
  });

  it('installs by dnf, with sudo when the user is not root', async () => {
    await writeFake('id', 'echo 1000');
    await writeFake('sudo', `echo sudo >> ${join(folder, 'log')}; exec "$@"`);
    await rm(join(path, 'rpmbuild'));
    await writePackageManager('dnf', ['bwrap', 'applydeltarpm', 'rpmbuild']);
    const { exitCode, log } = await runSetup();
    expect(exitCode).toBe(0);
    expect(log).toEqual(['sudo', 'dnf install -y --setopt=install_weak_deps=False bubblewrap deltarpm rpm-build']);
  });

  it('installs by zypper, by the names on SUSE', async () => {
    await writeFake('id', 'echo 0');
    for (const name of ['c++', 'gpg']) await rm(join(path, name));
    await writePackageManager('zypper', ['bwrap', 'applydeltarpm', 'dnf', 'c++', 'gpg']);
    const { exitCode, log } = await runSetup();
    expect(exitCode).toBe(0);
    expect(log).toEqual(['zypper --non-interactive install --no-recommends bubblewrap deltarpm dnf gcc-c++ gpg2']);
  });

  it('only reports with --check', async () => {
    await writePackageManager('apt-get', []);
    expect(await runSetup('--check')).toMatchObject({
      exitCode: 1,
      output: 'tools/setup-system.sh: missing: bubblewrap deltarpm dnf',
      log: [''],
    });
  });

  it('fails when root is needed and cannot be had', async () => {
    await writeFake('id', 'echo 1000');
    await writePackageManager('apt-get', []);
    const { exitCode, output } = await runSetup();
    expect(exitCode).toBe(1);
    expect(output).toContain('root is needed, and there is no sudo. Run as root: apt-get update -q');
  });

  it('fails when something is still missing after the installation', async () => {
    await writeFake('id', 'echo 0');
    await writePackageManager('apt-get', ['bwrap', 'dnf']);
    const { exitCode, output } = await runSetup();
    expect(exitCode).toBe(1);
    expect(output).toContain('still missing after the installation: deltarpm');
  });

  it('names the packages if it knows no package manager', async () => {
    const { exitCode, output } = await runSetup();
    expect(exitCode).toBe(1);
    expect(output).toContain('Install these by hand (names as on Fedora): bubblewrap deltarpm dnf');
  });
});
