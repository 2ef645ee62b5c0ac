// The compilers of this machine, as far as a build may use them: part of what determines a built wheel's bytes.
import type { BuildRequirement } from '@pinpack/python-dist';
import { execa } from 'execa';

/** Which build requirements bring a compiler into play that C needs not. */
const COMPILERS: readonly { program: string; words: string[]; with: RegExp }[] = [
  { program: 'cc', words: ['--version'], with: /./ },
  { program: 'c++', words: ['--version'], with: /./ },
  { program: 'ld', words: ['--version'], with: /./ },
  { program: 'rustc', words: ['-vV'], with: /^(?:maturin|setuptools-rust)$/ },
  { program: 'gfortran', words: ['--version'], with: /^(?:meson-python|numpy|scikit-build-core|scikit-build)$/ },
];

/** The first line of each one's version (all of rustc's); `null` where it isn't there. */
export async function readToolchain(requirements: readonly BuildRequirement[]): Promise<Record<string, string | null>> {
  const names = ['any', ...requirements.map(({ name }) => name)];
  const used = COMPILERS.filter((compiler) => names.some((name) => compiler.with.test(name)));
  const versions = used.map(async ({ program, words }) => {
    const { stdout, failed } = await execa(program, words, { reject: false });
    return [program, failed ? null : program === 'rustc' ? stdout : (stdout.split('\n')[0] ?? '')] as const;
  });
  return Object.fromEntries(await Promise.all(versions));
}
