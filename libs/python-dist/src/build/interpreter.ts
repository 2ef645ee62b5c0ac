// Finds the Python that runs builds and reads its properties. It is never downloaded.
import { join } from 'node:path';
import { z } from 'zod';
import { distError } from '../dist-error.js';
import { minorVersion } from '../lock/closure.js';
import { parseJson } from '@pinpack/common/json';
import { installFolders, pythonFolders } from './python-folders.js';
import type { Uv } from '../uv/uv.js';

export const PROPERTIES = z.object({
  /** `sys.version`: patch version, the distribution's build and the compiler. */
  version: z.string(),
  /** `cpython-311-x86_64-linux-gnu` */
  soabi: z.string(),
  /** The compiler flags that it passes to extensions. */
  flags: z.string(),
  /** `glibc 2.36` */
  libc: z.string(),
  /** `x86_64` */
  machine: z.string(),
});

export interface Interpreter extends z.infer<typeof PROPERTIES> {
  path: string;
}

/** Also of Python 2.7, whose ABI depends on the width of its characters, and which does not know the name of glibc's version, 2. */
export const PROBE = `
import json, os, platform, sys, sysconfig
names = ("CC", "CXX", "CFLAGS", "CCSHARED", "LDSHARED", "LDCXXSHARED")
abi = "cpython-27%s" % ("mu" if getattr(sys, "maxunicode", 0) > 0xffff else "m")
base = getattr(sys, "base_prefix", sys.prefix)
flags = " ".join(str(sysconfig.get_config_var(name)) for name in names)
print(json.dumps({
    "version": sys.version,
    "soabi": sysconfig.get_config_var("SOABI") or "%s-%s-linux-gnu" % (abi, platform.machine()),
    "flags": flags.replace(base, "<prefix>"),
    "libc": os.confstr(os.confstr_names.get("CS_GNU_LIBC_VERSION", 2)),
    "machine": platform.machine(),
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
}))`;

/**
 * The Python that uv finds, or else one on PATH or of pyenv or uv: uv stops at a shim of pyenv whose version is not selected.
 *
 * @param python - the reqset's full version: any patch version of the same minor version can build for it
 * @param bundled - the folder of the Python that the set brings along, which is then the only one that may build
 * @throws DistError `DIST_SOURCE_PYTHON_MISSING`
 */
export async function findInterpreter(uv: Uv, python: string, bundled?: string): Promise<Interpreter> {
  const minor = minorVersion(python);
  if (bundled !== undefined) return bundledInterpreter(join(bundled, 'bin', `python${minor}`), minor);
  // uv finds no Python 2.
  const { stdout, failed } = minor.startsWith('2.')
    ? { stdout: '', failed: true }
    : await uv.run(['python', 'find', '--no-project', '--system', '--no-config', minor]);
  const found = failed ? undefined : await probe(stdout.trim(), minor);
  if (found !== undefined) return found;
  for (const folder of await pythonFolders(minor, process.env)) {
    const other = await probe(join(folder, `python${minor}`), minor);
    if (other !== undefined) return other;
  }
  throw distError(`python${minor}`, 'DIST_SOURCE_PYTHON_MISSING', [
    'is not installed; builds from source need the Python version that they are for',
    `looked with uv python find, on PATH and in ${installFolders(process.env).join(', ')}`,
    `Install it with its headers (Debian: python${minor}-dev, Fedora: python${minor}-devel, or pyenv install ${minor}, or uv python install ${minor}), or pin versions that have wheels. pinpack downloads no Python.`,
  ]);
}

async function bundledInterpreter(path: string, minor: string): Promise<Interpreter> {
  const found = await probe(path, minor);
  if (found !== undefined) return found;
  throw distError(`python${minor}`, 'DIST_SOURCE_PYTHON_MISSING', [
    `${path}, which the reqset brings along, does not run on this machine as CPython ${minor}`,
    'Build on a machine with the architecture and the C library of the servers.',
  ]);
}

/** Undefined if it is not a CPython of the minor version. */
async function probe(path: string, minor: string): Promise<Interpreter | undefined> {
  const { execa } = await import('execa');
  const { stdout, failed } = await execa(path, [...isolatedOptions(minor.startsWith('2.')), '-c', PROBE], {
    reject: false,
  });
  const found = failed ? undefined : parseJson(stdout, PROPERTIES);
  return found !== undefined && isRightPython(found, minor) ? { path, ...found } : undefined;
}

/** Another implementation, or one with or without the GIL, has other extensions. */
export function isRightPython({ soabi, version }: Pick<Interpreter, 'soabi' | 'version'>, minor: string): boolean {
  const isRight = new RegExp(`^cpython-${minor.replace('.', '')}m?u?-`).test(soabi);
  return isRight && version.startsWith(`${minor.replace('t', '')}.`);
}

/** Options by which a Python ignores the user's environment and site-packages. @param isOld - whether it is Python 2, which does not know `-I` */
export function isolatedOptions(isOld: boolean): string[] {
  return isOld ? ['-E', '-s', '-S'] : ['-I', '-S'];
}
