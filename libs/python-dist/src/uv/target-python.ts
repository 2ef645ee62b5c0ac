// Chooses the options by which uv resolves for a target. For machines that uv has no name of a platform for, and for Pythons without the GIL, it gets an
// interpreter that reports them.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainVersion } from '../lock/closure.js';
import { parsePlatform } from '../names/platform.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import type { Uv } from './uv.js';

const SCRIPT = fileURLToPath(new URL('../../python/target_python.py', import.meta.url));

/** The machines for which uv 0.13 has platforms of every level. */
const UV_MACHINES = ['x86_64', 'aarch64'];

/** The minor versions of glibc 2 for which uv 0.13 has a platform. */
const UV_LEVELS = [17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40];

/** @param folder - for the interpreter, if one is needed; it must exist as long as uv runs */
export async function uvTarget(uv: Uv, { python, platform }: TargetEnvironment, folder: string): Promise<string[]> {
  const { machine } = parsePlatform(platform);
  const isKnown = UV_MACHINES.includes(machine);
  const isWithoutGil = python.endsWith('t');
  const version = ['--python-version', plainVersion(python)];
  const options = isKnown ? [...version, '--python-platform', uvPlatform(platform)] : version;
  if (isKnown && !isWithoutGil) return options;
  const { stdout, failed } = await uv.run(['python', 'find', '--no-project', '--system', '--no-config', '>=3.8']);
  // uv reports itself that there is no Python.
  if (failed) return options;
  const program = join(folder, `python-${machine}`);
  const words = `${isKnown ? 'this' : machine} ${isWithoutGil ? 'no-gil' : 'gil'}`;
  await writeFile(program, `#!/bin/sh\nexec ${quoted(stdout.trim())} ${quoted(SCRIPT)} ${words} "$@"\n`);
  await chmod(program, 0o755);
  return [...options, '--python', program];
}

/**
 * uv's name of a platform, `x86_64-manylinux_2_28`, or of the next newer platform that it knows. Incompatible wheels are removed when wheels are
 * chosen; wheels that uv leaves out could not be added.
 */
export function uvPlatform(platform: string): string {
  const { glibc, machine } = parsePlatform(platform);
  const level = UV_LEVELS.find((known) => known >= glibc) ?? UV_LEVELS.at(-1) ?? glibc;
  return `${machine}-manylinux_2_${level}`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
