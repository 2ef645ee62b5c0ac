// Makes a build environment without starting its Python, for Pythons that this machine cannot start or that uv does not know: the layout of a virtual
// environment (PEP 405) with the files of wheels at their paths.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { minorVersion } from '../lock/closure.js';
import { installedFiles, SITE_PACKAGES } from '../wheel/installed-files.js';
import { parseCommands, referenceFault } from '../wheel/wheel-names.js';
import { openWheel, type Wheel } from '../wheel/wheel.js';
import type { Interpreter } from './interpreter.js';

/** @param folder - does not exist yet. @param wheels - paths of verified wheels */
export async function makeUnpackedEnvironment(
  folder: string,
  { path: python, version, soabi }: Pick<Interpreter, 'path' | 'version' | 'soabi'>,
  wheels: readonly string[],
): Promise<void> {
  const isWithoutGil = /^cpython-\d+t-/.test(soabi);
  const minor = `${minorVersion(version.split(' ')[0] ?? '')}${isWithoutGil ? 't' : ''}`;
  const packages = `lib/python${minor}/site-packages`;
  await mkdir(join(folder, packages), { recursive: true });
  await mkdir(join(folder, 'bin'));
  const settings = `home = ${dirname(python)}\ninclude-system-site-packages = false\nversion = ${minor}\n`;
  await symlink(python, join(folder, 'bin/python'));
  await Promise.all(['python3', `python${minor}`].map((name) => symlink('python', join(folder, 'bin', name))));
  await symlink('lib', join(folder, 'lib64'));
  for (const path of wheels) await unpack(folder, path, minor);
  // The last file: the environment is complete if it exists.
  await writeFile(join(folder, 'pyvenv.cfg'), settings);
}

async function unpack(folder: string, path: string, minor: string): Promise<void> {
  const wheel = await openWheel(path);
  try {
    for (const [place, name] of placesOf(wheel, minor)) {
      const entry = wheel.entries.find((each) => each.name === name);
      if (entry === undefined) continue;
      const { data } = await wheel.readData(entry);
      const isScript = place.startsWith('bin/');
      await write(join(folder, place), isScript ? withInterpreter(data) : data, isScript ? 0o755 : entry.mode);
    }
    await writeCommands(folder, wheel);
  } finally {
    wheel.close();
  }
}

/** By path below the environment: the wheel's file. */
function placesOf({ distInfo, entries }: Wheel, minor: string): [place: string, name: string][] {
  const packages = `lib/python${minor}/site-packages`;
  const files = entries.map(({ name }) => ({ name, content: name }));
  const own = files.filter(({ name }) => name.startsWith(`${distInfo}/`));
  const others = Object.entries(installedFiles({ distInfo, files }, minor));
  return [
    ...own.map(({ name }): [string, string] => [`${packages}/${name}`, name]),
    ...others.map(([place, name]): [string, string] => {
      const isModule = place.startsWith(`${SITE_PACKAGES}/`);
      return [isModule ? `${packages}${place.slice(SITE_PACKAGES.length)}` : place, name];
    }),
  ];
}

async function writeCommands(folder: string, wheel: Wheel): Promise<void> {
  const entry = wheel.entries.find(({ name }) => name === `${wheel.distInfo}/entry_points.txt`);
  if (entry === undefined) return;
  const { data } = await wheel.readData(entry);
  for (const { name, value } of parseCommands(data.toString()).commands) {
    const [, module = '', attributes = ''] = /^([\w.]+)\s*:\s*([\w.]+)/.exec(value) ?? [];
    if (module === '' || referenceFault(value) !== '') continue;
    const first = attributes.split('.')[0] ?? '';
    const code = `import sys\nfrom ${module} import ${first}\nsys.exit(${attributes}())\n`;
    await write(join(folder, 'bin', name), Buffer.from(`${START}${code}`), 0o755);
  }
}

/** Shell and Python: starts the Python beside the script, wherever the environment is mounted. */
const START = `#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
`;

/** Scripts of wheels start with `#!python` (binary distribution format). */
function withInterpreter(data: Buffer): Buffer {
  const line = /^#!pythonw?[^\n]*\n/.exec(data.subarray(0, 256).toString('latin1'))?.[0];
  return line === undefined ? data : Buffer.concat([Buffer.from(START), data.subarray(line.length)]);
}

async function write(path: string, data: Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data, { mode });
}
