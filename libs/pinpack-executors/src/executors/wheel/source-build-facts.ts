// Everything that determines the bytes of a wheel that is built from source: what a key has to cover which holds across repositories and machines.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { canSandbox, compactRecipe, minorVersion, type Interpreter, type Pin } from '@pinpack/python-dist';
import type { BuiltSource } from './build-wheel.js';
import { isOfSource } from './copy-source-tree.js';
import { readToolchain } from './toolchain.js';

/** Plain values: the same facts give the same JSON. */
export interface SourceBuildFacts {
  name: string;
  version: string;
  /** The minor version that it is for, and the platform that its ELF files are for. */
  python: string;
  platform: string;
  /** sha256 of the sdist, or of the source tree's files with their names and modes. */
  source: string;
  /** `name sha256` of each build requirement's wheel. */
  buildRequires: string[];
  recipe: { environment?: object; configSettings?: object; patches?: string[] };
  /** What builds: full version, tag, flags. */
  interpreter: Pick<Interpreter, 'version' | 'soabi' | 'flags' | 'libc' | 'machine'>;
  toolchain: Record<string, string | null>;
  /** Whether the build sees the path that is always the same. */
  isSandboxed: boolean;
  /** Digest of pinpack's own code. */
  code: string;
}

export interface FactsOrder {
  root: string;
  pin: Pin;
  source: BuiltSource;
  interpreter: Interpreter;
  /** Digest of pinpack's own code. */
  code: string;
}

export async function sourceBuildFacts({
  root,
  pin,
  source,
  interpreter,
  code,
}: FactsOrder): Promise<SourceBuildFacts> {
  const { version, soabi, flags, libc, machine } = interpreter;
  const { environment, configSettings, patches } = source.kind === 'sdist' ? compactRecipe(source.recipe) : {};
  return {
    name: pin.name,
    version: pin.version,
    python: minorVersion(pin.python),
    platform: pin.platform,
    source: source.kind === 'sdist' ? source.sdist.sha256 : await digestTree(join(root, source.path)),
    buildRequires: source.buildRequires.map(({ name, wheel }) => `${name} ${wheel.sha256}`).sort(),
    recipe: {
      ...(environment !== undefined && { environment }),
      ...(configSettings !== undefined && { configSettings }),
      ...(patches !== undefined && { patches: patches.map(({ sha256 }) => sha256) }),
    },
    interpreter: { version, soabi, flags, libc, machine },
    toolchain: await readToolchain(source.buildRequires),
    isSandboxed: await canSandbox(),
    code,
  };
}

/** Over the files that a build sees: path, whether it can be executed, and content of each. */
async function digestTree(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  for (const path of paths.filter((file) => file.split('/').every(isOfSource)).sort()) {
    const file = join(folder, path);
    const isExecutable = ((await stat(file)).mode & 0o100) !== 0;
    hash.update(JSON.stringify([path, isExecutable])).update(
      createHash('sha256')
        .update(await readFile(file))
        .digest(),
    );
  }
  return hash.digest('hex');
}
