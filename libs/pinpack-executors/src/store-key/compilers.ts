// Programs of the machine that have a part in bytes: the compilers that a source build meets, and the Python that compiles bytecode.
import { minorVersion } from '@pinpack/python-dist';
import { execa } from 'execa';
import { findPython } from '../executors/rpm/find-python.js';
import { COMPILERS } from './compiler-names.js';

const BYTECODE_PROBE = `
import importlib.util, sys
print(sys.implementation.name, sys.implementation.cache_tag, *sys.version_info, importlib.util.MAGIC_NUMBER.hex())`;

/** The first line of what each says of itself, as `cc (Debian 12.2.0-14+deb12u1) 12.2.0`; without those that aren't there. */
export async function readCompilers(path = process.env.PATH ?? ''): Promise<Record<string, string>> {
  const found = await Promise.all(
    COMPILERS.map(async (program) => {
      const { stdout, failed } = await execa(program, ['--version'], { reject: false, env: { PATH: path } });
      return failed ? [] : [[program, stdout.split('\n')[0] ?? ''] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** The Python that compiles bytecode. @throws PinpackError `PINPACK_PYTHON_MISSING` */
export async function readBytecodeCompiler(python: string): Promise<string> {
  const program = await findPython(minorVersion(python));
  const { stdout } = await execa(program, ['-I', '-S', '-c', BYTECODE_PROBE]);
  return stdout;
}
