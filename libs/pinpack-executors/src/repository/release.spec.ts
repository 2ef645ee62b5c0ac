/** The pure parts of a release: links, times, and what `delta` leaves for `repo`. */
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { rejected, temporaryFolder, thrown } from '@pinpack/testing';
import { formatDeltaRecord, parseDeltaRecord } from './delta-record.js';
import { linksOf } from './links.js';
import { advisoryDate, revisionTime } from './source-time.js';

describe('the links of an advisory', () => {
  const page = 'https://example.com/page';
  it.each([['Changelog'], ['Release notes'], ['Change Log'], ["What's New"], ['History'], ['release-notes']])(
    'have the page that METADATA calls %s',
    (label) => {
      const projectUrls = [
        { label: 'Source', url: 'https://example.com/source' },
        { label, url: page },
      ];
      expect(linksOf({ projectUrls, homepage: 'https://example.com' })).toEqual([
        { title: 'Changelog', href: page },
        { title: 'Homepage', href: 'https://example.com' },
      ]);
    },
  );

  it('are web pages', () => {
    const projectUrls = [{ label: 'Changelog', url: 'javascript:alert(1)' }];
    expect(linksOf({ projectUrls, homepage: 'see the README' })).toEqual([]);
  });
});

describe('times', () => {
  it('are SOURCE_DATE_EPOCH where it is set', async () => {
    const environment = { SOURCE_DATE_EPOCH: '1700000000' };
    expect(revisionTime(environment)).toBe(1_700_000_000);
    expect(await advisoryDate(temporaryFolder(), environment)).toBe('2023-11-14T22:13:20Z');
  });

  it('do not change by themselves where it is not', () => {
    expect(revisionTime({})).toBe(revisionTime({ SOURCE_DATE_EPOCH: '' }));
  });

  it('are of the last commit for advisories, where there is one', async () => {
    const root = temporaryFolder();
    expect(await advisoryDate(root, {})).toBe('1980-01-01T00:00:00Z');
    const git = ['-C', root, '-c', 'user.name=us', '-c', 'user.email=us@example.com'];
    await execa('git', [...git, 'init', '--quiet']);
    const env = { GIT_COMMITTER_DATE: '2026-11-22T18:44:39Z' };
    await execa('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'first'], { env });
    expect(await advisoryDate(root, {})).toBe('2026-11-22T18:44:39Z');
  });

  it.each(['soon', '-1', '1.5', '99999999999'])('are not %s', async (text) => {
    const message = `PINPACK_TIME_INVALID SOURCE_DATE_EPOCH: found ${text}\n  expected seconds since 1970, as \`git log -1 --format=%ct\` gives them`;
    expect(thrown(() => revisionTime({ SOURCE_DATE_EPOCH: text }))).toBe(message);
    expect(await rejected(() => advisoryDate('/', { SOURCE_DATE_EPOCH: text }))).toBe(message);
  });
});

describe('what delta leaves for repo', () => {
  it('is read as it was written, and is nothing where it is damaged', () => {
    const record = { sha256: 'ab', deltas: [] };
    expect(parseDeltaRecord(formatDeltaRecord(record))).toEqual(record);
    for (const text of [undefined, '', 'null', '{}', '{"sha256": 1, "deltas": []}', '<html>'])
      expect(parseDeltaRecord(text)).toBeUndefined();
  });
});
