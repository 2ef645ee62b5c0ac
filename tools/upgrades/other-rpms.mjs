// Packs the same wheels in other ways, with rpmbuild and zstd level 3, at paths without a version, which is the best case for a delta.
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { rpmbuild } from '../bench/rpmbuild.mjs';

/** Packs the unmodified wheel: one zip. @returns {Promise<string>} its path */
export async function packZippedWheel(work, { name, state, wheel }) {
  const root = join(work, 'zipped');
  await rm(root, { recursive: true, force: true });
  const path = `/usr/lib/wheels/${name}.whl`;
  await mkdir(dirname(join(root, path)), { recursive: true });
  await copyFile(wheel, join(root, path));
  return pack(work, { name: `zipped-${name}`, state, root, path });
}

/**
 * Packs the filled virtualenv as rpmvenv, fpm and dh-virtualenv do, with the bytecode that pip compiles; and without it, which none of them offers.
 *
 * @returns {Promise<{ bytecode: string, plain: string }>} their paths
 */
export async function packEnvironment(work, { name, state, wheels }) {
  const root = join(work, 'environment');
  await rm(root, { recursive: true, force: true });
  const home = join(root, 'opt/app/venv');
  await execa('python3.11', ['-m', 'venv', home]);
  const options = ['--quiet', '--disable-pip-version-check', '--no-index', '--no-deps'];
  await execa(join(home, 'bin/pip'), ['install', ...options, ...wheels]);
  await execa(join(home, 'bin/pip'), ['uninstall', '--quiet', '--yes', 'pip', 'setuptools']);
  const bytecode = await pack(work, { name: `bytecode-${name}`, state, root, path: '/opt/app' });
  await execa('find', [root, '-name', '__pycache__', '-prune', '-exec', 'rm', '-r', '{}', '+']);
  return { bytecode, plain: await pack(work, { name: `plain-${name}`, state, root, path: '/opt/app' }) };
}

async function pack(work, { name, state, root, path }) {
  const version = state === 'old' ? '1' : '2';
  const built = await rpmbuild(work, { name, version, rpms: work, root, files: [path] });
  const rpm = join(work, `${name}-${state}.rpm`);
  await rename(built, rpm);
  return rpm;
}
