// Restores built wheels from the store and keeps them there. The key covers the source, the recipe and the build tools.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryRecord, Store } from '@pinpack/build-store';
import {
  copySourceTree,
  digestSourceTree,
  isWheelOf,
  mayCompile,
  readCompilers,
  wheelPattern,
  type BuiltSource,
  type Interpreter,
  type Pin,
} from '@pinpack/python-dist';
import {
  codeDigest,
  sourceBuildKey,
  wheelProject,
  type BuiltFrom,
  type SourceBuildInputs,
} from '@pinpack/rpm-packaging';
import { pruneOthers } from '@pinpack/common/prune-others';
import { restoreOutput } from '../tasks/restore-output.js';

export interface BuildRequest {
  root: string;
  pin: Pin;
  source: BuiltSource;
  /** Absent if the wheel is built in a root, whose digest stands for it. */
  interpreter: Interpreter | undefined;
  reqset: string;
  /** The destination folder, relative to the root. */
  wheels: string;
}

export interface StoredBuild {
  /** Restores the wheel. @returns false if it has to be built */
  restore(): Promise<boolean>;
  store: Store;
  key: string;
  /** Keeps the built wheel. @param fileName - of the wheel in the destination folder */
  keep(fileName: string): Promise<void>;
}

/** Computes the key without the sdist and the build environment. @returns undefined without a store */
export async function storedBuildOf(store: Store | undefined, request: BuildRequest): Promise<StoredBuild | undefined> {
  if (store === undefined) return undefined;
  const { root, reqset, pin, wheels } = request;
  const folder = join(root, wheels);
  const key = await buildKey(request);
  const task = `${wheelProject(reqset, pin.name)}:wheel`;
  const accepts = ({ fileName }: EntryRecord): boolean => isWheelOf(fileName, pin);
  return {
    restore: async () => {
      const record = await restoreOutput(store, { kind: 'wheel', key, task, folder, accepts });
      if (record !== undefined) await pruneOthers(folder, record.fileName, wheelPattern(pin.name));
      return record !== undefined;
    },
    store,
    key,
    keep: async (fileName) => {
      await store.put({ kind: 'wheel', key, fileName, attachments: {} }, join(folder, fileName));
    },
  };
}

async function buildKey({ root, pin, source, interpreter }: BuildRequest): Promise<string> {
  const { from, compiles } = await readSource(root, source);
  const { buildRequires } = source;
  const builder = await builderOf(pin, interpreter, compiles);
  return sourceBuildKey({
    code: codeDigest('source-build'),
    pin,
    from,
    buildRequires,
    ...builder,
  });
}

/** A machine that has neither the root nor its tools can take a wheel from the store. */
async function builderOf(
  { buildRoot, python, interpreter: bundled }: Pin,
  interpreter: Interpreter | undefined,
  compiles: boolean,
): Promise<Pick<SourceBuildInputs, 'python' | 'compilers'>> {
  if (buildRoot !== undefined || interpreter === undefined)
    return {
      python: { root: buildRoot ?? '', minor: python, ...(bundled !== undefined && { bundled }) },
      compilers: undefined,
    };
  return { python: interpreter, compilers: compiles ? await readCompilers() : undefined };
}

/** The lock identifies an sdist, but not its content, so it is assumed to compile code. */
async function readSource(root: string, source: BuiltSource): Promise<{ from: BuiltFrom; compiles: boolean }> {
  if (source.kind === 'sdist') {
    return { from: { sdist: source.sdist.sha256, recipe: source.recipe }, compiles: true };
  }
  const work = await mkdtemp(join(tmpdir(), 'pinpack-tree-'));
  try {
    // The copy contains no leftovers of earlier builds and does not depend on the umask.
    await copySourceTree(join(root, source.path), join(work, 'source'));
    const names = source.buildRequires.map(({ name }) => name);
    const tree = await digestSourceTree(join(work, 'source'));
    return { from: { tree }, compiles: await mayCompile(join(work, 'source'), names) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
