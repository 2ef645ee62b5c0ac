// Compilers that a source build may call. Their versions are part of the cache key of a source build.
import { execa } from 'execa';
import { COMPILERS } from './compiler-names.js';

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
