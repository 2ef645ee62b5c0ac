/** Locks at revisions of a real git repository. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { formatPylock } from '@pinpack/python-dist';
import { sampleLock, samplePackage } from '@pinpack/rpm-packaging/testing';
import { rejected } from '@pinpack/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readLockAt } from './read-lock-at.js';

const FOLDER = 'reqsets/demo';

/** A workspace in a subfolder of a repository, with a commit on a branch that has moved on since the working tree's branch left it. */
async function repository() {
  const top = mkdtempSync(join(tmpdir(), 'pinpack-git-'));
  onTestFinished(() => {
    rmSync(top, { recursive: true });
  });
  const root = join(top, 'workspace');
  mkdirSync(join(root, FOLDER), { recursive: true });
  const identity = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  const git = (...words: string[]) =>
    execa('git', words, {
      cwd: top,
      env: { ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });
  const commit = async (version: string): Promise<void> => {
    const lock = sampleLock([samplePackage({ name: 'six', version })]);
    writeFileSync(
      join(root, FOLDER, 'pylock.toml'),
      formatPylock(lock, { folder: FOLDER, wheels: 'dist/wheels/demo' }),
    );
    await git('add', '.');
    await git('commit', '--quiet', '-m', version);
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('commit', '--quiet', '--allow-empty', '-m', 'empty');
  await commit('1.0');
  await git('checkout', '--quiet', '-b', 'update');
  await commit('2.0');
  await git('checkout', '--quiet', 'main');
  await commit('3.0');
  await git('checkout', '--quiet', 'update');
  return { root, git };
}

const versionAt = async (root: string, revision: string): Promise<string | undefined> =>
  (await readLockAt(root, 'demo', revision))?.packages[0]?.version;

test('is the lock where the branch began, not what others have changed since', async () => {
  const { root } = await repository();
  expect(await versionAt(root, 'HEAD')).toBe('2.0');
  expect(await versionAt(root, 'main')).toBe('1.0');
  expect(await versionAt(root, 'HEAD~2')).toBeUndefined();
});

test('without a common ancestor it is the lock of the revision', async () => {
  const { root, git } = await repository();
  await git('checkout', '--quiet', '--orphan', 'other');
  await git('commit', '--quiet', '-m', 'unrelated');
  expect(await versionAt(root, 'main')).toBe('3.0');
});

test.each(['nosuch', '--output=x', ''])('refuses the revision %j', async (revision) => {
  const { root } = await repository();
  expect(await rejected(() => readLockAt(root, 'demo', revision))).toContain(
    `PINPACK_OPTIONS_INVALID demo:changes: --since: git knows no commit "${revision}"`,
  );
});
