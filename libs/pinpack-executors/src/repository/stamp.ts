// Whether a repository is what it would be if it were made now: by what it was made of, and by its files, which nobody touched since.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { repositoryPaths } from './repository-paths.js';

interface Stamp {
  inputs: string;
  files: string;
}

/** @param inputs - everything that has a part in the bytes */
export async function isUpToDate(root: string, set: string, inputs: unknown): Promise<boolean> {
  const { stamp, repository } = repositoryPaths(set);
  const text = await readFile(join(root, stamp), 'utf8').catch(() => '{}');
  const known = parseStamp(text);
  return known.inputs === digestOf(inputs) && known.files === (await filesOf(join(root, repository)));
}

export async function writeStamp(root: string, set: string, inputs: unknown): Promise<void> {
  const { stamp, repository } = repositoryPaths(set);
  const made: Stamp = { inputs: digestOf(inputs), files: await filesOf(join(root, repository)) };
  await writeFileAtomically(join(root, stamp), [Buffer.from(`${JSON.stringify(made)}\n`)]);
}

/** Names, sizes and times, which are all fixed: whoever writes to one changes it. Reading all bytes would take as long as making the repository. */
async function filesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const facts = files.sort().map(async (file) => {
    const { size, mtimeMs } = await stat(file);
    return [relative(folder, file), size, mtimeMs];
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

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
