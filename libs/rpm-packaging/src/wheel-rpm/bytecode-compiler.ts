// The Python that compiles the bytecode of a reqset. Its identity is part of the cache key of the RPM.
import { execa } from 'execa';
import { findPython } from './find-python.js';

const BYTECODE_PROBE = `
import importlib.util, sys
print(sys.implementation.name, sys.implementation.cache_tag, *sys.version_info, importlib.util.MAGIC_NUMBER.hex())`;

/** The Python that compiles bytecode. @param compiler - the program, if it is not one of this machine. @throws PackagingError `PINPACK_PYTHON_MISSING` */
export async function readBytecodeCompiler(python: string, compiler?: string): Promise<string> {
  const program = compiler ?? (await findPython(python));
  const { stdout } = await execa(program, ['-I', '-S', '-c', BYTECODE_PROBE]);
  return stdout;
}
