// Finds the Python that reqset.json names and its digest, for `lock`.
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import type { IndexClient } from '../index/index-client.js';
import type { BuildRoot } from '../build/build-root.js';
import type { BuildPolicy } from '../build/build-policy.js';
import type { FoundInterpreter, InterpreterInput } from '../lock/inputs.js';
import type { LockedInterpreter } from '../lock/lock.js';
import { newestEntry } from './archive-time.js';
import { findBuilt } from './built-interpreters.js';
import { checkInterpreter } from './read-interpreter.js';
import {
  copyInterpreter,
  differs,
  fetchArchive,
  isUrl,
  missing,
  nameOfArchive,
  openInterpreter,
  pathOfInterpreter,
  type InterpreterTools,
} from './unpack-interpreter.js';

export interface LocateRequest {
  input: InterpreterInput;
  /** Full version that it must have. */
  python: string;
  /** Of the previous lock: a URL with the same digest is not downloaded again. */
  previous: LockedInterpreter | undefined;
  index: Pick<IndexClient, 'download' | 'downloadUrl'>;
  root: string;
  /** The user's cache folder. */
  cache: string;
  progress: (message: string) => void;
  policy: BuildPolicy;
  /** The root that an interpreter of the kind `source` is built in. */
  buildRoot?: BuildRoot | undefined;
}

export interface LocatedInterpreter {
  input: InterpreterInput;
  /** Its files, in the user's cache. */
  folder: string;
}

/** @throws DistError `DIST_PYTHON_*`, `DIST_INDEX_*` */
export async function locateInterpreter(request: LocateRequest): Promise<LocatedInterpreter> {
  const { input, python, root, cache, index } = request;
  const parent = join(cache, 'pythons');
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, '.found-'));
  try {
    const { found: file, fetch } = await measure(request, work);
    if (input.expected !== undefined && input.expected !== file.sha256)
      throw differs(input.location, input.expected, file.sha256);
    const found = input.kind === 'source' ? await built(request, { file, fetch }) : file;
    const tools = {
      root,
      fetch: fetch ?? downloading(index),
    } satisfies InterpreterTools;
    const folder = await openInterpreter({ ...input, ...found }, tools, cache);
    await checkInterpreter(folder, input.location, python);
    return { input: { ...input, found }, folder };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An interpreter is built to be inspected, and because builds of the set's sdists need it. */
async function built(request: LocateRequest, { file, fetch }: SourceFile): Promise<FoundInterpreter> {
  const { input, buildRoot, index, root } = request;
  const { location, recipe } = input;
  if (buildRoot === undefined || recipe === undefined) throw new Error(`${location} is built from source, in a root`);
  const { time, sha256: digest, size } = file;
  const source = { sha256: digest, size, root: buildRoot.digest };
  const sha256 = await findBuilt({
    ...{ ...request, location, recipe, source },
    openRoot: () => Promise.resolve(buildRoot),
    fetchSource: (path) => fetchArchive({ location, ...file }, { root, fetch: fetch ?? downloading(index) }, path),
  });
  return { sha256, size: 0, source, ...(time !== undefined && { time }) };
}

interface SourceFile {
  file: FoundInterpreter;
  fetch: InterpreterTools['fetch'] | undefined;
}

function downloading(index: LocateRequest['index']): InterpreterTools['fetch'] {
  return (file, path) => index.download('python', file, path);
}

interface Measured {
  found: FoundInterpreter;
  /** Hands out what was downloaded to be measured. */
  fetch?: InterpreterTools['fetch'];
}

async function measure({ input, previous, root, index, progress }: LocateRequest, work: string): Promise<Measured> {
  const { kind, location, expected } = input;
  const path = pathOfInterpreter(root, location);
  if (path !== undefined && kind === 'folder') {
    const { sha256 } = await copyInterpreter(path, location, work);
    return { found: { sha256, size: 0 } };
  }
  if (path !== undefined) {
    const { size } = await stat(path).catch((cause: unknown) => {
      throw missing(location, cause);
    });
    return { found: { sha256: await sha256OfFile(path), size, ...timeOf(await newestEntry(path)) } };
  }
  const known = previous?.source ?? previous;
  if (known !== undefined && previous?.location === location && isUrl(location) && known.sha256 === expected)
    return { found: { sha256: known.sha256, size: known.size, ...timeOf(previous.time) } };
  progress(`downloading ${nameOfArchive(location)}`);
  const archive = join(work, 'archive');
  const found = await index.downloadUrl(location, archive);
  const dated = { ...found, ...timeOf(await newestEntry(archive)) };
  return { found: dated, fetch: (_file, to) => copyFile(archive, to) };
}

function timeOf(time: string | undefined): { time?: string } {
  return time === undefined ? {} : { time };
}
