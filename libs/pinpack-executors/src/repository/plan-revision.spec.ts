import { describe, expect, it } from 'vitest';
import { planRevision } from './plan-revision.js';
import type { PublishedRepository } from './published-rpms.js';

const COMMITTED = 1_790_000_000;

function publication(revision: number | undefined, content: string, isLatest = false): PublishedRepository {
  const facts = { ...(revision !== undefined && { revision }), content };
  return { id: String(revision), isLatest, record: { label: 'demo', packages: [], advisories: [], ...facts } };
}

describe('the revision', () => {
  const plan = (content: string, publications: PublishedRepository[] | undefined, epoch?: number) =>
    planRevision({ content, publications, epoch, committed: COMMITTED });

  it('is SOURCE_DATE_EPOCH or a constant if nothing is ever published', () => {
    expect(plan('a', undefined)).toBe(315_532_800);
    expect(plan('a', undefined, 1_700_000_000)).toBe(1_700_000_000);
  });

  it('is the time of the commit at first', () => {
    expect(plan('a', [])).toBe(COMMITTED);
    expect(plan('a', [], 1_700_000_000)).toBe(1_700_000_000);
  });

  it('stays for the content of the latest publication', () => {
    expect(plan('a', [publication(COMMITTED - 5, 'a', true)])).toBe(COMMITTED - 5);
  });

  it('rises for other content, whatever the clocks and SOURCE_DATE_EPOCH say', () => {
    expect(plan('b', [publication(COMMITTED - 5, 'a', true)])).toBe(COMMITTED);
    expect(plan('b', [publication(COMMITTED + 5, 'a', true)])).toBe(COMMITTED + 6);
    expect(plan('b', [publication(COMMITTED, 'a', true)], 1_700_000_000)).toBe(COMMITTED + 1);
  });

  it('rises above the newest publication after a rollback, even for its content', () => {
    const rolledBack = [publication(COMMITTED + 9, 'b'), publication(COMMITTED + 5, 'a', true)];
    expect(plan('b', rolledBack)).toBe(COMMITTED + 10);
    expect(plan('a', rolledBack)).toBe(COMMITTED + 5);
  });

  it('rises above publications of versions of pinpack without revisions', () => {
    expect(
      planRevision({
        content: 'a',
        publications: [publication(undefined, 'a', true)],
        epoch: undefined,
        committed: undefined,
      }),
    ).toBe(315_532_801);
  });
});
