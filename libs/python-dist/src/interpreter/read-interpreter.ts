// Reads what an unpacked Python is, without running it where its headers say so.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { distError } from '../dist-error.js';
import { exists, readIfExists } from '../files/optional-file.js';
import { minorVersion, plainVersion } from '../lock/closure.js';

export interface InterpreterFacts {
  /** `3.12`, or `3.13t` without the GIL. */
  minor: string;
  /** Full version; undefined if it has no headers and cannot run on this machine. */
  version: string | undefined;
}

/**
 * @param location - for messages
 * @throws DistError `DIST_PYTHON_UNREADABLE`
 */
export async function readInterpreter(folder: string, location: string): Promise<InterpreterFacts> {
  const names = await readdir(join(folder, 'lib')).catch(() => []);
  const minors = names.flatMap((name) => /^python(\d+\.\d+t?)$/.exec(name)?.[1] ?? []);
  const [minor] = minors;
  const needed = minor === undefined ? [] : [`bin/python${minor}`, `lib/python${minor}/os.py`];
  const missing: string[] = [];
  for (const path of needed) if (!(await exists(join(folder, path)))) missing.push(path);
  if (minor === undefined || minors.length > 1 || missing.length > 0) {
    throw distError(location, 'DIST_PYTHON_UNREADABLE', [
      missing.length > 0 ? `lacks ${missing.join(' and ')}` : `has ${minors.length} Pythons in lib, expected one`,
      'expected the layout of python-build-standalone: bin/python3.12, lib/python3.12',
    ]);
  }
  return { minor, version: (await versionOfHeaders(folder, minor)) ?? (await versionOfProgram(folder, minor)) };
}

/** @throws DistError `DIST_PYTHON_VERSION` @param python - of the lock */
export async function checkInterpreter(folder: string, location: string, python: string): Promise<void> {
  const { minor, version } = await readInterpreter(folder, location);
  if (minor === minorVersion(python) && (version === undefined || version === plainVersion(python))) return;
  throw distError(location, 'DIST_PYTHON_VERSION', [
    `is Python ${version ?? minor}${minor.endsWith('t') ? ' without the GIL' : ''}`,
    `expected ${python}, which "python" in reqset.json names`,
    'Correct the version or the bundle.',
  ]);
}

async function versionOfHeaders(folder: string, minor: string): Promise<string | undefined> {
  const header = (await readIfExists(join(folder, 'include', `python${minor}`, 'patchlevel.h'))) ?? '';
  return /^#define PY_VERSION\s+"([\d.]+)/m.exec(header)?.[1];
}

async function versionOfProgram(folder: string, minor: string): Promise<string | undefined> {
  const { execa } = await import('execa');
  const code = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';
  const program = join(folder, 'bin', `python${minor}`);
  const { stdout, failed } = await execa(program, ['-I', '-S', '-B', '-c', code], { reject: false });
  return failed ? undefined : stdout.trim();
}
