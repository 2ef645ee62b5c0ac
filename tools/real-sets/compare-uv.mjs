// Resolves the same set with `uv pip compile` alone, and lists the differences from the lock. uv may run builds: the lock has the dependencies of sdists too.
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../bench/files.mjs';

const LAST_LINES = 4;

/** @param own - names of the lock that are not of the requirements */
export async function compareUv({ lock, requirements, path, own = [] }) {
  const words = ['pip', 'compile', requirements, '--python-version', lock.python];
  const target = ['--python-platform', 'x86_64-manylinux_2_28', '--no-annotate'];
  const always = ['--no-config', '--quiet', '--no-header'];
  const env = { UV_PYTHON_DOWNLOADS: 'never', PATH: path };
  const asked = await execa(join(ROOT, '.venv/bin/uv'), [...words, ...target, ...always], { reject: false, env });
  if (asked.failed) return { otherThanUv: [`uv: ${asked.stderr.split('\n').slice(-LAST_LINES).join(' ')}`] };
  const found = new Map([...asked.stdout.matchAll(/^([a-z0-9-]+)(?:\[.*?\])?==(\S+)/gm)].map(([, ...pin]) => pin));
  const locked = new Map(lock.packages.map((pin) => [pin.name, pin.version]));
  for (const name of own) locked.delete(name);
  return {
    otherThanUv: [...new Set([...locked.keys(), ...found.keys()])]
      .sort()
      .filter((name) => locked.get(name) !== found.get(name))
      .map((name) => `${name}: here ${locked.get(name) ?? 'absent'}, uv ${found.get(name) ?? 'absent'}`),
  };
}
