// Finds the Python that reqset.json names and its digest, for `lock`.
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import type { IndexClient } from '../index/index-client.js';
import type { InterpreterInput } from '../lock/inputs.js';
import type { LockedInterpreter } from '../lock/lock.js';
import { checkInterpreter } from './read-interpreter.js';
import {
  copyInterpreter,
  differs,
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
    const { found, fetch } = await measure(request, work);
    if (input.expected !== undefined && input.expected !== found.sha256)
      throw differs(input.location, input.expected, found.sha256);
    const tools = {
      root,
      fetch: fetch ?? ((file, path) => index.download('python', file, path)),
    } satisfies InterpreterTools;
    const folder = await openInterpreter({ ...input, ...found }, tools, cache);
    await checkInterpreter(folder, input.location, python);
    return { input: { ...input, found }, folder };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Measured {
  found: { sha256: string; size: number };
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
    return { found: { sha256: await sha256OfFile(path), size } };
  }
  if (previous?.location === location && isUrl(location) && previous.sha256 === expected)
    return { found: { sha256: previous.sha256, size: previous.size } };
  progress(`downloading ${nameOfArchive(location)}`);
  const archive = join(work, 'archive');
  const found = await index.downloadUrl(location, archive);
  return { found, fetch: (_file, to) => copyFile(archive, to) };
}
