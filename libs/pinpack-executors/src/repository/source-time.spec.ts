import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { advisoryDate, readSourceTimes } from './source-time.js';

describe('times', () => {
  const dateOf = async (root: string, environment: Record<string, string>) =>
    advisoryDate(await readSourceTimes(root, environment));

  it('are SOURCE_DATE_EPOCH where it is set', async () => {
    const environment = { SOURCE_DATE_EPOCH: '1700000000' };
    expect(await readSourceTimes(temporaryFolder(), environment)).toMatchObject({ epoch: 1_700_000_000 });
    expect(await dateOf(temporaryFolder(), environment)).toBe('2023-11-14T22:13:20Z');
  });

  it('are of the last commit, where there is one', async () => {
    const root = temporaryFolder();
    expect(await dateOf(root, { SOURCE_DATE_EPOCH: '' })).toBe('1980-01-01T00:00:00Z');
    const git = ['-C', root, '-c', 'user.name=us', '-c', 'user.email=us@example.com'];
    await execa('git', [...git, 'init', '--quiet']);
    const env = { GIT_COMMITTER_DATE: '2026-11-22T18:44:39Z' };
    await execa('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'first'], { env });
    expect(await dateOf(root, {})).toBe('2026-11-22T18:44:39Z');
    expect(await readSourceTimes(root, {})).toEqual({ epoch: undefined, committed: 1_795_373_079 });
  });

  it.each(['soon', '-1', '1.5', '99999999999'])('are not %s', async (text) => {
    const message = `PINPACK_TIME_INVALID SOURCE_DATE_EPOCH: found ${text}\n  expected seconds since 1970, as printed by \`git log -1 --format=%ct\``;
    expect(await rejected(() => readSourceTimes('/', { SOURCE_DATE_EPOCH: text }))).toBe(message);
  });
});
