// The Python, the C library and the compiler that a source build meets: what of them has a part in its bytes.
import { minorVersion } from '@pinpack/python-dist';
import { execa } from 'execa';
import { findPython } from '../executors/rpm/find-python.js';

/** Settings of a C build that a build inherits. */
const INHERITED = ['CC', 'CXX', 'CPPFLAGS', 'LDFLAGS', 'FFLAGS', 'RUSTFLAGS', 'CMAKE_ARGS', 'ARCHFLAGS'];

/** The folder of the interpreter is none of the bytes' business: the same Python in another home builds the same. */
const PYTHON_PROBE = `
import json, os, sys, sysconfig
names = ['SOABI', 'EXT_SUFFIX', 'MULTIARCH', 'CFLAGS', 'CCSHARED', 'OPT', 'LDFLAGS']
found = {name: str(sysconfig.get_config_var(name) or '') for name in names}
found = {name: text.replace(sys.base_prefix, '{prefix}') for name, text in found.items()}
try:
    libc = os.confstr('CS_GNU_LIBC_VERSION')
except (AttributeError, ValueError, OSError):
    libc = None
print(json.dumps({
    'implementation': [sys.implementation.name, sys.implementation.cache_tag],
    'version': list(sys.version_info),
    'platform': sysconfig.get_platform(),
    'config': found,
    'libc': libc,
}))`;

const BYTECODE_PROBE = `
import importlib.util, sys
print(sys.implementation.name, sys.implementation.cache_tag, *sys.version_info, importlib.util.MAGIC_NUMBER.hex())`;

export interface BuildPlatform {
  python: unknown;
  /** The first lines of what the compilers say of themselves, and settings that they would be given. */
  compiler?: Record<string, string>;
}

/**
 * @param python - version, as the lock has it
 * @param compiles - whether a compiler has a part in the build
 * @returns undefined where that Python isn't there: the build says so itself
 */
export async function readBuildPlatform(
  python: string,
  compiles: boolean,
  environment: Record<string, string | undefined> = process.env,
): Promise<BuildPlatform | undefined> {
  const program = await findPython(minorVersion(python), environment.PATH).catch(() => undefined);
  if (program === undefined) return undefined;
  const { stdout, failed } = await execa(program, ['-I', '-S', '-c', PYTHON_PROBE], { reject: false });
  if (failed) return undefined;
  return { python: JSON.parse(stdout) as unknown, ...(compiles && { compiler: await readCompilers(environment) }) };
}

async function readCompilers(environment: Record<string, string | undefined>): Promise<Record<string, string>> {
  const settings = INHERITED.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]] as const],
  );
  const [c, cxx] = await Promise.all([identify(environment.CC ?? 'cc'), identify(environment.CXX ?? 'c++')]);
  return { ...Object.fromEntries(settings), c, cxx };
}

/** `cc (Debian 12.2.0-14+deb12u1) 12.2.0`; empty where there is none. */
async function identify(command: string): Promise<string> {
  const [program = '', ...words] = command.split(' ');
  const { stdout, failed } = await execa(program, [...words, '--version'], { reject: false });
  return failed ? '' : (stdout.split('\n')[0] ?? '');
}

/** The Python that compiles bytecode. @throws PinpackError `PINPACK_PYTHON_MISSING` */
export async function readBytecodeCompiler(python: string): Promise<string> {
  const program = await findPython(minorVersion(python));
  const { stdout } = await execa(program, ['-I', '-S', '-c', BYTECODE_PROBE]);
  return stdout;
}
