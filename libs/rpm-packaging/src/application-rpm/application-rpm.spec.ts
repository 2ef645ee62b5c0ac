/** Application RPMs as rpm reads them. */
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderFaults, needProgram, temporaryFolder } from '@pinpack/testing';
import { applicationEntries } from './application-entries.js';
import { planManifest } from './manifest.js';
import { sampleFacts, sampleApplicationRequest } from './application-request.fixture.js';
import { planApplicationRpm } from './plan-application-rpm.js';
import type { ApplicationSettings } from './application-settings.js';

const SERVICE: Partial<ApplicationSettings> = {
  scripts: [{ command: 'demo-@REQSET@', script: 'demo' }],
  unitFiles: [{ source: 'deploy/demo.service', unit: '@NAME@.service' }],
  config: [
    { source: 'deploy/demo.conf', target: '/etc/demo/conf.d/demo.conf' },
    { source: 'deploy/demo.conf', target: '/etc/sysconfig/@NAME@' },
  ],
  user: 'demo',
};
const DELIVERED = new Map([
  ['deploy/demo.service', Buffer.from('[Service]\nExecStart=@VENV@/bin/demo --name @NAME@\n')],
  ['deploy/demo.conf', Buffer.from('[demo]\n')],
]);

/** Writes the RPM; gives its path. */
async function write(settings: Partial<ApplicationSettings>): Promise<string> {
  const request = sampleApplicationRequest(settings);
  const manifest = planManifest(request.reqset, request.application, request.settings, sampleFacts());
  const spec = planApplicationRpm(request, '0.1.0', 'ACME');
  const files = { manifest, settings: request.settings, summary: spec.summary, delivered: DELIVERED };
  const { chunks } = encodeRpm(spec, await packPayload(applicationEntries(files), { kind: 'zstd', level: 3 }));
  const path = join(temporaryFolder(), fileName(spec));
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}

async function query(path: string, ...words: string[]): Promise<string[]> {
  return (await execa('rpm', ['-qp', ...words, path])).stdout.split('\n');
}

/** The text of a file of the RPM. */
async function textOf(path: string, file: string): Promise<string> {
  const cpio = await execa('rpm2cpio', [path], { encoding: 'buffer' });
  const folder = mkdtempSync(join(temporaryFolder(), 'x'));
  const { stdout } = await execa('cpio', ['-i', '--quiet', '--to-stdout', `.${file}`], {
    cwd: folder,
    input: cpio.stdout,
    stripFinalNewline: false,
  });
  return stdout;
}

beforeEach(async (context) => {
  await needProgram(context, 'rpm');
  await needProgram(context, 'cpio');
});

describe('the RPM of an application', () => {
  test('owns its folders, and with the same modes as other RPMs', async () => {
    const service = { exec: 'demo', after: [], wants: [], requires: [], environment: {}, folders: {}, directives: {} };
    const services = [{ ...service, environmentFile: 'deploy/demo.conf', migrate: 'demo migrate' }];
    const tmpfiles = ['d /run/@NAME@ 0755 root root -'];
    const config = [{ source: 'deploy/demo.conf', target: '/etc/demo/conf.d/demo.conf' }];
    expect(
      await folderFaults([await write({}), await write({ ...SERVICE, unitFiles: [], services, tmpfiles, config })]),
    ).toEqual([]);
  });

  test('requires exactly the locked closure and pinpack-runtime', async () => {
    const path = await write({});
    const requires = (await query(path, '--requires')).filter((line) => !/^rpmlib|^\/bin\/sh/.test(line));
    expect(requires).toEqual([
      'pinpack-runtime >= 0.1.0',
      'python(abi) = 3.11',
      'reqset3-wheel-my-demo = 1.0.0-1',
      'reqset3-wheel-numpy = 2.4.6-3',
    ]);
    expect(await query(path, '--provides')).toEqual(['reqset3-my_app = 1.0.0-1']);
    expect((await execa('rpm', ['-K', path])).stdout).toMatch(/: digests OK$/);
  });

  test('has the metadata of the project', async () => {
    const tags = '%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{URL} %{SUMMARY}';
    expect(await query(await write({}), '--qf', tags)).toEqual([
      'reqset3-my_app 1.0.0 1 noarch MIT https://example.org/demo Sums things up',
    ]);
  });

  test('has the manifest, and the environment as ghosts', async () => {
    const path = await write({});
    expect(await query(path, '--qf', '[%{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILENAMES}\\n]')).toEqual([
      'drwxr-xr-x  /opt/reqset3-my_app',
      '-rw-r--r--  /opt/reqset3-my_app/application.json',
      '-rwxrwxrwx g /opt/reqset3-my_app/environments',
      '-rwxrwxrwx g /opt/reqset3-my_app/venv',
      'drwxr-xr-x  /usr/lib/pinpack',
      'drwxr-xr-x  /usr/lib/pinpack/_environments',
      'drwxr-xr-x  /usr/lib/pinpack/_environments/reqset3-my_app',
    ]);
    const manifest = JSON.parse(await textOf(path, '/opt/reqset3-my_app/application.json')) as object;
    expect(Object.keys(manifest)).toEqual(['fill', 'format', 'name', 'python', 'reqset', 'wheels']);
  });

  test('has what the settings declare', async () => {
    const path = await write(SERVICE);
    const listed = '[%{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILENAMES} %{FILELINKTOS}\\n]';
    const files = (await query(path, '--qf', listed)).filter(
      (line) => !/^\S+ \S* \/(?:opt|usr\/lib\/pinpack)/.test(line),
    );
    expect(files).toEqual([
      'drwxr-xr-x  /etc/demo ',
      'drwxr-xr-x  /etc/demo/conf.d ',
      '-rw-r--r-- cn /etc/demo/conf.d/demo.conf ',
      '-rw-r--r-- cn /etc/sysconfig/reqset3-my_app ',
      'lrwxrwxrwx  /usr/bin/demo-reqset3 /opt/reqset3-my_app/venv/bin/demo',
      '-rw-r--r--  /usr/lib/systemd/system/reqset3-my_app.service ',
      '-rw-r--r--  /usr/lib/sysusers.d/reqset3-my_app.conf ',
    ]);
    expect(await textOf(path, '/usr/lib/systemd/system/reqset3-my_app.service')).toBe(
      '[Service]\nExecStart=/opt/reqset3-my_app/venv/bin/demo --name reqset3-my_app\n',
    );
    expect(await query(path, '--provides')).toEqual(['group(demo)', 'reqset3-my_app = 1.0.0-1', 'user(demo)']);
    expect(await query(path, '--requires')).toEqual(
      expect.arrayContaining(['/usr/bin/getent', '/usr/sbin/groupadd', '/usr/sbin/useradd']),
    );
  });

  test('has the units, folders and variables of services', async () => {
    const service = { exec: 'demo', after: [], wants: [], requires: [], environment: {}, folders: {}, directives: {} };
    const path = await write({
      services: [
        { ...service, environmentFile: 'deploy/demo.conf', migrate: 'demo migrate' },
        { ...service, key: 'job', timer: { calendar: ['daily'], persistent: true, directives: {} } },
      ],
      tmpfiles: ['d /run/@NAME@ 0750 root root -', 'x /var/tmp/@NAME@'],
    });
    const files = await query(path, '--qf', '[%{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILENAMES}\\n]');
    expect(files.filter((line) => !/^\S+ \S* \/(?:opt|usr\/lib\/pinpack)/.test(line))).toEqual([
      '-rw-r----- cn /etc/sysconfig/reqset3-my_app',
      '-rw-r--r--  /usr/lib/systemd/system/reqset3-my_app-job.service',
      '-rw-r--r--  /usr/lib/systemd/system/reqset3-my_app-job.timer',
      '-rw-r--r--  /usr/lib/systemd/system/reqset3-my_app-migrate@.service',
      '-rw-r--r--  /usr/lib/systemd/system/reqset3-my_app.service',
      '-rw-r--r--  /usr/lib/tmpfiles.d/reqset3-my_app.conf',
    ]);
    const manifest = await textOf(path, '/opt/reqset3-my_app/application.json');
    expect(JSON.parse(manifest)).toMatchObject({
      migrateWhileActive: ['reqset3-my_app-job.timer', 'reqset3-my_app.service'],
    });
    expect(await query(path, '--scripts')).toContain(
      "if /usr/bin/pinpack-runtime application switch --manifest '/opt/reqset3-my_app/application.json'; then",
    );
  });

  test('has lines that systemd-tmpfiles and systemd-sysusers understand', async (context) => {
    await needProgram(context, 'systemd-tmpfiles');
    await needProgram(context, 'systemd-sysusers');
    const path = await write({ user: 'demo', tmpfiles: ['d /run/@NAME@ 0750 root root -'] });
    const root = temporaryFolder();
    const [tmpfiles, sysusers] = [join(root, 'tmpfiles.conf'), join(root, 'sysusers.conf')];
    writeFileSync(tmpfiles, await textOf(path, '/usr/lib/tmpfiles.d/reqset3-my_app.conf'));
    writeFileSync(sysusers, await textOf(path, '/usr/lib/sysusers.d/reqset3-my_app.conf'));
    await execa('systemd-tmpfiles', ['--root', root, '--create', tmpfiles]);
    expect(statSync(join(root, 'run/reqset3-my_app')).mode & 0o777).toBe(0o750);
    mkdirSync(join(root, 'etc'));
    await execa('systemd-sysusers', ['--root', root, sysusers]);
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('demo:x:');
  });

  test('is the same bytes again', async () => {
    const digest = async (): Promise<string> => (await query(await write(SERVICE), '--qf', '%{SHA256HEADER}')).join();
    expect(await digest()).toBe(await digest());
  });

  test('passes rpmlint', async (context) => {
    await needProgram(context, 'rpmlint');
    const settings = new URL('../../../../tools/rpmlint.toml', import.meta.url).pathname;
    for (const declared of [{}, SERVICE]) {
      const { stdout } = await execa('rpmlint', ['-c', settings, await write(declared)], { reject: false });
      expect(stdout.split('\n').filter((line) => / [EW]: /.test(line))).toEqual([]);
      expect(stdout).toContain('1 packages and 0 specfiles checked; 0 errors');
    }
  });
});
