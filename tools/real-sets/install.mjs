// Installs the wheels of a set into an environment of its Python, without the index, and imports modules there. A set for the system's Python is also installed as RPMs.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../bench/files.mjs';
import { writeApplication } from '../bench/workspace-copy.mjs';

const LAST_LINES = 3;

/** The errors of installing and importing; none if all went well. */
export async function installAndImport({ folder, name, python, imports }) {
  const environment = join(folder, 'environments', name);
  await rm(environment, { recursive: true, force: true });
  const wheels = join(folder, 'dist/wheels', name);
  const files = (await readdir(wheels)).filter((file) => file.endsWith('.whl')).map((file) => join(wheels, file));
  const uv = join(ROOT, '.venv/bin/uv');
  await execa(uv, ['venv', '--quiet', '--python', python, environment]);
  const into = ['--python', join(environment, 'bin/python')];
  await execa(uv, ['pip', 'install', '--quiet', '--offline', '--no-index', '--no-deps', ...into, ...files]);
  const failed = [];
  for (const module of imports) {
    const { failed: isBad, stderr } = await execa(join(environment, 'bin/python'), ['-c', `import ${module}`], {
      reject: false,
    });
    if (isBad) failed.push(`import ${module}: ${stderr.split('\n').slice(-LAST_LINES).join(' ')}`);
  }
  await rm(environment, { recursive: true });
  return failed;
}

/** The name of the application that a set for the system's Python gets: its smoke test installs the RPMs by dnf and imports the modules. */
export function probeOf(name) {
  return `${name}_probe`;
}

/** @param requirements - the text of requirements.txt */
export function writeProbe({ folder, name, requirements, imports }) {
  const lines = requirements.split('\n').map((line) => line.replace(/(?:^|\s)#.*/, '').trim());
  const dependencies = lines.filter((line) => line !== '');
  const probe = probeOf(name);
  writeApplication(folder, { name: probe, library: probe, dependencies, reqsets: [name], imports });
}
