// Reads the lock of a set as it was at a revision of git.
import { parsePylock, type Lock } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPaths } from './workspace-paths.js';

/**
 * The lock at the revision's merge base with HEAD, so that what others have changed since then does not count. Without a common ancestor, as in a shallow
 * clone, it is the lock at the revision itself.
 *
 * @returns undefined if the set had no lock
 * @throws PinpackError `PINPACK_OPTIONS_INVALID`
 * @throws DistError `DIST_LOCK_INVALID`
 */
export async function readLockAt(root: string, set: string, revision: string): Promise<Lock | undefined> {
  const { lock, folder, project } = reqsetPaths(set);
  const commit = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  if (commit === undefined) {
    throw new PinpackError('PINPACK_OPTIONS_INVALID', `${project}:changes`, [
      `--since: git knows no commit "${revision}" in this repository`,
      'A shallow clone lacks older commits and other branches: fetch them (git fetch origin main), or name another one.',
    ]);
  }
  const base = (await git(root, ['merge-base', commit, 'HEAD'])) ?? commit;
  const text = await git(root, ['show', `${base}:./${lock}`]);
  return text === undefined ? undefined : parsePylock(`${text}\n`, `${revision}:${lock}`, folder);
}

/** The output of git; undefined if it failed. */
async function git(root: string, words: string[]): Promise<string | undefined> {
  // Imported lazily: every nx command loads the plugin, and few commands run programs.
  const { execa } = await import('execa');
  const { stdout, failed } = await execa('git', words, { cwd: root, reject: false });
  return failed ? undefined : stdout;
}
