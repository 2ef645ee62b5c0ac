// Checks whether a repository is up to date: its inputs and its files are the same as when it was made.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { listFiles, readIfThere } from '../workspace/files.js';
import { repositoryPaths } from './repository-paths.js';

interface Stamp {
  inputs: string;
  files: string;
}

/** @param inputs - everything that affects the bytes of the repository */
export async function isUpToDate(root: string, set: string, inputs: unknown): Promise<boolean> {
  const { stamp, repository } = repositoryPaths(set);
  const known = parseStamp(readIfThere(join(root, stamp)) ?? '{}');
  return known.inputs === digestOf(inputs) && known.files === (await filesOf(join(root, repository)));
}

export async function writeStamp(root: string, set: string, inputs: unknown): Promise<void> {
  const { stamp, repository } = repositoryPaths(set);
  const made: Stamp = { inputs: digestOf(inputs), files: await filesOf(join(root, repository)) };
  await writeFileAtomically(join(root, stamp), [Buffer.from(`${JSON.stringify(made)}\n`)]);
}

/** Digest of names, sizes and times. The times are fixed, so any write changes it. Reading all bytes would take as long as making the repository. */
async function filesOf(folder: string): Promise<string> {
  const facts = (await listFiles(folder)).map(async (path) => {
    const { size, mtimeMs } = await stat(join(folder, path));
    return [path, size, mtimeMs];
  });
  return digestOf(await Promise.all(facts));
}

function parseStamp(text: string): Partial<Stamp> {
  try {
    return JSON.parse(text) as Partial<Stamp>;
  } catch {
    return {};
  }
}

/** sha256 of a value's JSON, in hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
