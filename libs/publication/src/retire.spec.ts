import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderTarget } from './folder-target.js';
import { Publications } from './publications.js';
import { filesOf, readWhole, URL_OF_READERS } from './publications.fixture.js';
import { planRetirement } from './retire.js';

const IDS = ['05', '04', '03', '02', '01'].map((hour) => `20260101T${hour}0000Z-0123456789ab`);
const NOW = new Date('2026-01-01T05:30:00Z');

describe('planRetirement', () => {
  const publications = (latest: number) => IDS.map((id, index) => ({ id, isLatest: index === latest }));
  const kept = (latest: number, keep: number, spare: string[] = []) => {
    const gone = planRetirement(publications(latest), { keep, spare, now: NOW });
    return IDS.filter((id) => !gone.includes(id)).map((id) => id.slice(9, 11));
  };

  it('keeps the newest', () => {
    expect(kept(0, 3)).toEqual(['05', '04', '03']);
    expect(kept(0, 5)).toEqual(['05', '04', '03', '02', '01']);
  });

  it('keeps publications that were replaced within the last hour', () => {
    expect(kept(0, 1)).toEqual(['05', '04']);
  });

  it('keeps the latest, wherever it is, and the spared ones', () => {
    expect(kept(4, 1)).toEqual(['05', '04', '01']);
    expect(kept(0, 1, [IDS[3] ?? ''])).toEqual(['05', '04', '02']);
  });

  it('keeps at least one', () => {
    expect(kept(0, 0)).toEqual(['05', '04']);
    expect(planRetirement([], { keep: 1 })).toEqual([]);
  });
});

/** A target that runs a task once before a method is called. */
class Meddled extends FolderTarget {
  meddle: { method: 'remove' | 'replace'; then: () => Promise<unknown> } | undefined;

  private async before(method: string): Promise<void> {
    const { meddle } = this;
    if (meddle?.method !== method) return;
    this.meddle = undefined;
    await meddle.then();
  }

  override async remove(path: string): Promise<void> {
    await this.before('remove');
    await super.remove(path);
  }

  override async replace(...order: Parameters<FolderTarget['replace']>): Promise<boolean> {
    await this.before('replace');
    return super.replace(...order);
  }
}

describe('a rollback to a publication that is being removed', () => {
  const label = 'demo';
  const later = { label, keep: 1, now: new Date(Date.now() + 7_200_000) };

  async function publishTwo() {
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-retire-'));
    const target = new Meddled(folder);
    const publications = new Publications(target);
    const other = new Publications(new FolderTarget(folder));
    const publish = async (text: string) =>
      (await publications.publish({ label, files: filesOf({ a: text }), url: URL_OF_READERS })).id;
    return { folder, target, publications, other, first: await publish('one'), second: await publish('two') };
  }

  it('before the removal keeps the publication', async () => {
    const { folder, target, publications, other, first, second } = await publishTwo();
    target.meddle = { method: 'remove', then: () => other.rollback(label, first, URL_OF_READERS) };
    expect(await publications.retire(later)).toEqual({ removed: [], kept: [second, first] });
    expect(await readWhole(other, label, folder)).toBe(first);
  });

  it('after the removal is rejected, and the latest stays the latest', async () => {
    const { folder, target, publications, other, first, second } = await publishTwo();
    target.meddle = { method: 'replace', then: () => other.retire(later) };
    await expect(publications.rollback(label, first, URL_OF_READERS)).rejects.toMatchObject({
      code: 'STORE_ANSWER_INVALID',
    });
    expect(await readWhole(other, label, folder)).toBe(second);
  });
});
