// Applies a reqset's patches to an unpacked sdist: unified diffs with `a/` and `b/` before the paths, as written by git and `diff -ru`.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { distError } from '../dist-error.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import type { WorkspaceFile } from '../lock/build-recipe.js';

/** @param root - the workspace's root. @param tree - the unpacked sdist. @throws DistError `DIST_SOURCE_FILE_DIFFERS`, `DIST_SOURCE_PATCH_FAILED` */
export async function applyPatches(root: string, patches: readonly WorkspaceFile[], tree: string): Promise<void> {
  for (const patch of patches) await applyPatch(tree, patch, await readLockedFile(root, patch));
}

/** Reads a file of the workspace and checks that it is unchanged since the lock. @throws DistError `DIST_SOURCE_FILE_DIFFERS` */
export async function readLockedFile(root: string, { path, sha256 }: WorkspaceFile): Promise<Buffer> {
  const data = await readFile(join(root, path)).catch(undefinedIfAbsent);
  const found = data === undefined ? undefined : createHash('sha256').update(data).digest('hex');
  if (data !== undefined && found === sha256) return data;
  throw distError(path, 'DIST_SOURCE_FILE_DIFFERS', [
    found === undefined ? 'the file that the lock names does not exist' : 'differs from the locked file',
    `locked sha256=${sha256}${found === undefined ? '' : `, found sha256=${found}`}`,
    'Restore it, or lock again.',
  ]);
}

async function applyPatch(tree: string, { path }: WorkspaceFile, patch: Buffer): Promise<void> {
  const { execa } = await import('execa');
  const { failed, stderr } = await execa('git', ['apply', '--whitespace=nowarn', '-p1', '-'], {
    cwd: tree,
    input: patch,
    reject: false,
    // Inside a repository git would silently skip files that are not below the repository's folder. The source must not contain the repository: its
    // configuration can name programs.
    env: { GIT_CEILING_DIRECTORIES: dirname(tree), GIT_DIR: join(dirname(tree), 'no-repository'), LC_ALL: 'C' },
  });
  if (!failed) return;
  throw distError(path, 'DIST_SOURCE_PATCH_FAILED', [
    `does not apply to ${basename(tree)}`,
    ...stderr.trimEnd().split('\n').slice(0, 10),
    'Update it for this version: a unified diff with a/ and b/ before the paths of the unpacked sdist.',
  ]);
}
