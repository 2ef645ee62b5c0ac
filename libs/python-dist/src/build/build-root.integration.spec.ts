/** Roots that do not fit, what programs of a root see, and the environments that are made for its Python. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSmallRoot, smallRootProblem, type SmallRoot } from '@pinpack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minorVersion } from '../lock/closure.js';
import { rootMounts, type BuildRoot } from './build-root.js';
import { runInRoot } from './root-call.js';
import { checkRootCompiler, checkRootFits, findRootInterpreter } from './root-interpreter.js';
import { checkSystem } from './system-requirements.js';

const problem = await smallRootProblem();
const folder = mkdtempSync(join(tmpdir(), 'pinpack-roots-'));
const HERE = fileURLToPath(import.meta.url);
const MACHINE = process.arch === 'x64' ? 'x86_64' : 'aarch64';
let small: SmallRoot;
let root: BuildRoot;

describe.skipIf(problem !== undefined)(`a build root (${problem ?? 'of files of this machine'})`, () => {
  beforeAll(async () => {
    small = await makeSmallRoot(join(folder, 'small'));
    root = { subject: 'small', folder: small.folder, digest: `sha256:${'0'.repeat(64)}`, environment: {} };
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has its own programs and files, and nothing of the machine', async () => {
    await writeFile(join(small.folder, 'usr/own'), 'own');
    const script = `
import os, shutil
print(os.path.exists("/usr/own"), os.path.exists(${JSON.stringify(HERE)}), shutil.which("cc"), shutil.which("git"))
print(sorted(set(os.listdir("/")) - {"usr", "bin", "sbin", "lib", "lib64", "dev", "proc", "tmp", "var", "etc", "pinpack", "opt"}))`;
    const { path } = await findRootInterpreter(root, small.python);
    const { all } = await runInRoot(root, [path, '-I', '-c', script]);
    expect(all).toBe('True False /usr/bin/cc None\n[]');
  });

  it('is read only through folders: links do not lead out of it', async () => {
    const hostile = join(folder, 'hostile');
    await mkdir(join(hostile, 'usr'), { recursive: true });
    await symlink('/etc', join(hostile, 'etc'));
    await symlink('/opt', join(hostile, 'opt'));
    await symlink('usr/lib', join(hostile, 'lib'));
    expect(rootMounts({ folder: hostile, subject: 'hostile' })).toEqual([
      { path: '/usr' },
      { path: '/lib', link: 'usr/lib' },
      { path: '/opt', link: '/opt' },
    ]);
    const linked = join(folder, 'linked');
    await mkdir(linked);
    await symlink('/usr', join(linked, 'usr'));
    expect(() => rootMounts({ folder: linked, subject: 'linked' })).toThrow(/DIST_BUILD_ROOT_INVALID|no folder usr/);
  });

  it('is refused without the Python of the reqset, and the message names those that it has', async () => {
    const error: unknown = await findRootInterpreter(root, '3.5.1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DIST_BUILD_ROOT_PYTHON' });
    expect(String(error)).toContain(`it has /usr/bin/python${minorVersion(small.python)}`);
  });

  it('is refused for an older platform and for another machine', async () => {
    const interpreter = await findRootInterpreter(root, small.python);
    const target = { python: small.python, platform: `manylinux_2_${small.glibc}_${MACHINE}` };
    expect(() => {
      checkRootFits(root, interpreter, target);
    }).not.toThrow();
    const older = { ...target, platform: `manylinux_2_${small.glibc - 1}_${MACHINE}` };
    expect(() => {
      checkRootFits(root, interpreter, older);
    }).toThrow(`it has glibc 2.${small.glibc}, expected glibc 2.${small.glibc - 1} or older`);
    const other = {
      ...target,
      platform: `manylinux_2_${small.glibc}_s390x`.replace('s390x', MACHINE === 'x86_64' ? 'aarch64' : 'x86_64'),
    };
    expect(() => {
      checkRootFits(root, interpreter, other);
    }).toThrow(`its programs run on ${MACHINE}`);
  });

  it('is refused without a compiler or headers only if something is compiled', async () => {
    const interpreter = await findRootInterpreter(root, small.python);
    await checkRootCompiler(root, interpreter, ['demo']);
    const cc = join(small.folder, 'usr/bin/cc');
    await rename(cc, `${cc}.away`);
    try {
      await checkRootCompiler(root, interpreter, []);
      const error: unknown = await checkRootCompiler(root, { ...interpreter, headers: false }, ['demo']).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'DIST_BUILD_ROOT_COMPILER' });
      expect(String(error)).toMatch(/it has no cc .* and no Python\.h .*, which demo needs/);
    } finally {
      await rename(`${cc}.away`, cc);
    }
  });

  it('provides the system requirements of builds, not the machine', async () => {
    const pin = { name: 'demo', version: '1.0' };
    const header = join(small.folder, 'usr/include/only-in-the-root.h');
    await writeFile(header, '');
    await writeFile(join(small.folder, 'usr/bin/only-here'), '#!/bin/sh\n');
    await chmod(join(small.folder, 'usr/bin/only-here'), 0o755);
    await checkSystem(pin, ['header:only-in-the-root.h', 'program:only-here'], { environment: {}, root });
    await expect(checkSystem(pin, ['program:git'], { environment: {}, root })).rejects.toThrow(
      /not installed in small/,
    );
    expect(existsSync('/usr/bin/only-here')).toBe(false);
  });
});
