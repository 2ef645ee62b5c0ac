// Interpreters that were built from source, in the user's cache. A file for each build names the digest of what it made, so that nothing is built twice.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import type { BuildRoot } from '../build/build-root.js';
import type { BuildPolicy } from '../build/build-policy.js';
import { distError } from '../dist-error.js';
import { exists, readIfExists } from '../files/optional-file.js';
import type { InterpreterRecipe, InterpreterSource } from '../lock/inputs.js';
import { buildInterpreter, interpreterBuildKey } from './build-interpreter.js';
import { cachedInterpreter, keepInterpreter } from './unpack-interpreter.js';

export interface BuiltRequest {
  location: string;
  /** Full version. */
  python: string;
  recipe: InterpreterRecipe;
  source: InterpreterSource;
  /** The user's cache folder. */
  cache: string;
  policy: BuildPolicy;
  progress: (message: string) => void;
  /** Only called if it has to be built. */
  openRoot: () => Promise<BuildRoot>;
  /** Writes the verified archive of the source to the path. Only called if it has to be built. */
  fetchSource: (path: string) => Promise<void>;
}

/** @returns sha256 of its files; they are in the cache. @throws DistError as `buildInterpreter` */
export async function findBuilt(request: BuiltRequest): Promise<string> {
  const { source, cache } = request;
  const key = await interpreterBuildKey(source.sha256, { ...request, root: source.root });
  const pythons = join(cache, 'pythons');
  const record = join(pythons, `built-${key}`);
  const known = (await readIfExists(record))?.trim();
  if (known !== undefined && (await exists(join(cachedInterpreter(cache, known), 'bin')))) return known;
  await mkdir(pythons, { recursive: true });
  const work = await mkdtemp(join(pythons, '.built-'));
  try {
    const sha256 = await build(request, work, join(pythons, `built-${key}.log`));
    await writeFileAtomically(record, [Buffer.from(`${sha256}\n`)]);
    return sha256;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function build(request: BuiltRequest, work: string, log: string): Promise<string> {
  const { location, python, recipe, policy, cache, progress } = request;
  const archive = join(work, 'source.tar.gz');
  await request.fetchSource(archive);
  const root = await request.openRoot();
  progress(`building Python ${python} from ${location} in ${root.subject}: takes some minutes`);
  const { folder, sha256 } = await buildInterpreter({ location, archive, python, recipe, root, policy, log }, work);
  await keepInterpreter(folder, cachedInterpreter(cache, sha256));
  return sha256;
}

/** The interpreter that is locked. @returns its folder. @throws DistError `DIST_PYTHON_DIFFERS` if the build makes other files */
export async function openBuilt(request: BuiltRequest, locked: string): Promise<string> {
  const folder = cachedInterpreter(request.cache, locked);
  if (await exists(join(folder, 'bin'))) return folder;
  const found = await findBuilt(request);
  if (found === locked) return folder;
  throw distError(request.location, 'DIST_PYTHON_DIFFERS', [
    `Python ${request.python} that was built from it is not the one that is locked`,
    `expected sha256=${locked}, found sha256=${found}`,
    'Its source and the root are those of the lock. Lock again if pinpack builds it in another way now; otherwise compare the two.',
  ]);
}
