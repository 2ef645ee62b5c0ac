import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { findEngine, planContainer, planExec, withContainer } from './container.js';

function writeProgram(folder: string, name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the engine', () => {
  test('is podman before docker', async () => {
    const folder = temporaryFolder();
    for (const name of ['createrepo_c', 'docker']) writeProgram(folder, name, 'exit 0');
    expect(await findEngine(folder)).toBe('docker');
    writeProgram(folder, 'podman', 'exit 0');
    expect(await findEngine(folder)).toBe('podman');
  });

  test('that is missing is reported with its packages', async () => {
    expect(await rejected(() => findEngine(temporaryFolder()))).toBe(
      [
        'PINPACK_INSTALL_UNUSABLE container: RPMs cannot be installed into a root on this machine',
        'podman is not installed',
        'createrepo_c is not installed',
        'On Debian: apt-get install podman createrepo-c',
        'On Fedora: dnf install podman createrepo_c',
      ].join('\n  '),
    );
  });
});

describe('the command line', () => {
  test('of a container: no network, and a repository that it only reads', () => {
    expect(planContainer('ubi9:9.4', '/tmp/repository').join(' ')).toBe(
      'run --detach --rm --network none --user 0:0 --security-opt label=disable ' +
        '--volume /tmp/repository:/tmp/repository:ro --entrypoint /bin/sleep ubi9:9.4 infinity',
    );
  });

  test('of a command in it', () => {
    expect(planExec('c0ffee', ['say', 'a b'], { env: { PATH: '/opt/x' } })).toEqual([
      ...['exec', '--env', 'LC_ALL=C.UTF-8', '--env', 'PATH=/opt/x', 'c0ffee', 'say', 'a b'],
    ]);
  });
});

describe('a container', () => {
  // No container can be run by a spec: this is podman's part, and what it was asked for.
  function fakeEngine(): { folder: string; log: () => string[] } {
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    const exec = 'while [ "$1" = --env ]; do shift 2; done; shift; case $1 in dnf) exit 0 ;; *) exec "$@" ;; esac';
    const body = `echo "$*" | head -1 >> ${log}\ncase $1 in run) echo c0ffee ;; exec) shift; ${exec} ;; esac`;
    writeProgram(folder, 'podman', body);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH ?? ''}`);
    return { folder, log: () => readFileSync(log, 'utf8').trim().split('\n') };
  }

  test('is asked by dnf with the one repository, and removed whatever happens', async () => {
    const { log } = fakeEngine();
    const container = { engine: 'podman', image: 'ubi9' };
    const use = withContainer(container, '/tmp/repository', async (root) => {
      expect((await root.dnf('/tmp/repository', ['install', 'demo'])).failed).toBe(false);
      throw new RangeError('the test failed');
    });
    await expect(use).rejects.toThrow('the test failed');
    expect(log().slice(1)).toEqual([
      'exec --env LC_ALL=C.UTF-8 c0ffee dnf -y --disablerepo=* --setopt=install_weak_deps=0 --nogpgcheck ' +
        '--repofrompath=under-test,/tmp/repository install demo',
      'rm --force c0ffee',
    ]);
  });

  test('lists files as an install root does', async () => {
    fakeEngine();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'b'), '');
    await withContainer({ engine: 'podman', image: 'ubi9' }, '/tmp/repository', async (root) => {
      expect(await root.files(folder)).toEqual([join(folder, 'b')]);
      expect(await root.files(join(folder, 'no-such-folder'))).toEqual([]);
      expect(await root.files(temporaryFolder())).toEqual([expect.stringMatching(/\/$/)]);
    });
  });
});
