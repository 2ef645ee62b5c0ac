// A wheel that another run, of this repository or another, has built from the same source in the same way: from the store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryRecord, Store } from '@pinpack/build-store';
import {
  canSandbox,
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
import { codeDigest, sourceBuildKey, type BuiltFrom } from '@pinpack/rpm-packaging';
import { pruneOthers } from '@pinpack/common/prune-others';
import { restoreOutput } from '../tasks/restore-output.js';

export interface BuildQuestion {
  root: string;
  pin: Pin;
  source: BuiltSource;
  interpreter: Interpreter;
  /** The folder that the wheel goes to, relative to the root. */
  wheels: string;
}

export interface StoredBuild {
  /** Puts the wheel in its place. @returns false where it has to be built */
  restore(): Promise<boolean>;
  /** Keeps what was built. @param fileName - of the wheel in its place */
  keep(fileName: string): Promise<void>;
}

/** What is needed of the build is found out without the sdist or the build environment. @returns undefined where there is no store */
export async function storedBuildOf(
  store: Store | undefined,
  question: BuildQuestion,
): Promise<StoredBuild | undefined> {
  if (store === undefined) return undefined;
  const { root, pin, wheels } = question;
  const folder = join(root, wheels);
  const key = await buildKey(question);
  const accepts = ({ fileName }: EntryRecord): boolean => isWheelOf(fileName, pin);
  return {
    restore: async () => {
      const record = await restoreOutput(store, { kind: 'wheel', key, folder, accepts });
      if (record !== undefined) await pruneOthers(folder, record.fileName, wheelPattern(pin.name));
      return record !== undefined;
    },
    keep: (fileName) => store.put({ kind: 'wheel', key, fileName, attachments: {} }, join(folder, fileName)),
  };
}

async function buildKey({ root, pin, source, interpreter }: BuildQuestion): Promise<string> {
  const { from, compiles } = await readSource(root, source);
  const compilers = compiles ? await readCompilers() : undefined;
  const { buildRequires } = source;
  const isSandboxed = await canSandbox();
  return sourceBuildKey({
    code: codeDigest('source-build'),
    pin,
    from,
    buildRequires,
    python: interpreter,
    compilers,
    isSandboxed,
  });
}

/** An sdist is known by its lock. What is in it isn't: so it may be compiled. */
async function readSource(root: string, source: BuiltSource): Promise<{ from: BuiltFrom; compiles: boolean }> {
  if (source.kind === 'sdist') {
    return { from: { sdist: source.sdist.sha256, recipe: source.recipe }, compiles: true };
  }
  const work = await mkdtemp(join(tmpdir(), 'pinpack-tree-'));
  try {
    // A copy has neither what earlier builds left nor the umask's traces.
    await copySourceTree(join(root, source.path), join(work, 'source'));
    const names = source.buildRequires.map(({ name }) => name);
    const tree = await digestSourceTree(join(work, 'source'));
    return { from: { tree }, compiles: await mayCompile(join(work, 'source'), names) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
