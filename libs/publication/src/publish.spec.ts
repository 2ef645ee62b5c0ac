import { temporaryFolder } from '@pinpack/testing';
import { expect, it } from 'vitest';
import { FolderTarget } from './folder-target.js';
import { Publications } from './publications.js';
import { filesOf, readWhole, URL_OF_READERS } from './publications.fixture.js';
import type { PublishedFile } from './publication-target.js';

/** Runs a task once before the files of a publication are listed, and records the copies. */
class Overtaken extends FolderTarget {
  readonly copies: [from: string, to: string][] = [];
  overtake: (() => Promise<unknown>) | undefined;

  override async sizes(prefix: string): Promise<Map<string, number>> {
    const found = await super.sizes(prefix);
    const { overtake } = this;
    this.overtake = undefined;
    await overtake?.();
    return found;
  }

  /** After the listing, in which the files of the other publisher are missing. */
  override async names(prefix: string): Promise<string[]> {
    await this.settled;
    return super.names(prefix);
  }

  settled: Promise<unknown> = Promise.resolve();

  override copy(from: string, path: string, file: PublishedFile): Promise<boolean> {
    this.copies.push([from, path]);
    return super.copy(from, path, file);
  }
}

it('copies no object to itself if another publisher completes the same publication in the meantime', async () => {
  const folder = temporaryFolder();
  const target = new Overtaken(folder);
  const other = new Publications(new FolderTarget(folder));
  const request = { label: 'demo', files: filesOf({ a: 'one', b: 'two' }), url: URL_OF_READERS, now: new Date() };
  target.overtake = () => {
    target.settled = other.publish(request);
    return target.settled;
  };
  const { id } = await new Publications(target).publish(request);
  expect(target.copies.filter(([from, to]) => from === to)).toEqual([]);
  expect(await readWhole(other, 'demo', folder)).toBe(id);
});
