// An RPM that stands for the packages of a root which rpm's database does not list, because debootstrap installed them.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, operandsOf } from '@pinpack/rpm-gen';
import { execa } from 'execa';

/**
 * @param {import('./root.mjs').Root} root
 * @param {string[]} rpms - what they require and the root really has is provided
 * @param {string} folder - created
 * @returns the file's name
 */
export async function makeShim(root, rpms, folder) {
  const { stdout } = await execa('rpm', ['-qp', '--nosignature', '--qf', '[%{REQUIRENAME}\\n]', ...rpms]);
  const names = stdout.split('\n').flatMap(operandsOf);
  const wanted = [...new Set(names)].filter((name) => /^\/|\.so[.(]|^rtld/.test(name));
  const provides = [];
  for (const name of wanted) if (await has(root, name)) provides.push({ name });
  const python = await root.run(`/usr/bin/python3 -c 'import platform; print(platform.python_version())'`);
  const minor = python.output.split('.').slice(0, 2).join('.');
  const abi = python.exitCode === 0 ? [{ name: 'python(abi)', sense: '=', version: minor }] : [];
  const spec = {
    name: 'root-shim',
    version: '1',
    release: '1',
    architecture: 'noarch',
    summary: 'Capabilities of the root',
    description: 'Capabilities of the root',
    license: 'MIT',
    buildTime: 315532800,
    buildHost: 'pinpack',
    // zypper checks that a system has a glibc.
    provides: [...provides, { name: 'glibc' }, ...abi],
    scriptlets: {},
    changelog: [],
  };
  const { chunks } = encodeRpm(spec, await packPayload([], { kind: 'none' }));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, fileName(spec)), Buffer.concat(chunks));
  return fileName(spec);
}

async function has(root, name) {
  if (name.startsWith('/')) return (await root.run(`test -e '${name}'`)).exitCode === 0;
  if (name.startsWith('rtld')) return true;
  const [soname] = name.split('(');
  return (await root.run(`find /usr/lib /usr/lib64 -name '${soname}' | grep -q .`)).exitCode === 0;
}

/** @param {string} folder */
export async function rpmsBelow(folder) {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.rpm')).map((file) => join(folder, file));
}
