// Versions of the compilers that a source build may call: part of its cache key.
import { execa } from 'execa';
import { COMPILERS } from './compiler-names.js';

/** The first line of each compiler's `--version`: `cc (Debian 12.2.0-14+deb12u1) 12.2.0`. Compilers that are not installed are left out. */
export async function readCompilers(path = process.env.PATH ?? ''): Promise<Record<string, string>> {
  const found = await Promise.all(
    COMPILERS.map(async (program) => {
      const { stdout, failed } = await execa(program, ['--version'], { reject: false, env: { PATH: path } });
      return failed ? [] : [[program, stdout.split('\n')[0] ?? ''] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}
