// Specs of publications, run against a folder and against a real S3 server.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publishedBytes, publishedFile } from './published-files.js';
import { publicationTime } from './publication-paths.js';
import type { PublicationTarget, PublishedFile } from './publication-target.js';
import { Publications } from './publications.js';
import type { Arrival } from './publish.js';
import { sha256OfBytes } from './publication-record.js';

export const URL_OF_READERS = 'https://rpms.example.com/pub';

/** Files to publish. @param contents - by path */
export function filesOf(contents: Record<string, string | Uint8Array>): PublishedFile[] {
  return Object.entries(contents).map(([path, content]) => publishedBytes(path, content));
}

/** Reads the latest publication and verifies all its files. @returns its ID; undefined if nothing is published */
export async function readWhole(
  publications: Publications,
  label: string,
  scratch: string,
): Promise<string | undefined> {
  const id = await publications.latest(label);
  if (id === undefined) return undefined;
  const record = await publications.readRecord(label, id);
  if (record === undefined) throw new Error(`${id} is the latest, but incomplete`);
  for (const { path, size, sha256 } of record.files) {
    const file = join(scratch, randomUUID());
    const found = await publications.download(label, id, path, file);
    await rm(file, { force: true });
    if (found?.size !== size || found.sha256 !== sha256) throw new Error(`${id}: ${path} does not match release.json`);
  }
  return id;
}

/** @param open - opens a target, which may contain other publications */
export function describePublication(name: string, open: () => Promise<PublicationTarget> | PublicationTarget): void {
  describe(`${name} as a publication`, () => {
    let target: PublicationTarget;
    let publications: Publications;
    let folder: string;
    let label: string;

    const publish = (contents: Record<string, string | Uint8Array>, now?: Date) =>
      publications.publish({ label, files: filesOf(contents), url: URL_OF_READERS, ...(now && { now }) });
    const textOf = async (id: string, path: string): Promise<string | undefined> => {
      const bytes = await publications.readFile(label, id, path, 1000);
      return bytes && Buffer.from(bytes).toString();
    };
    const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000);

    beforeAll(async () => {
      target = await open();
      publications = new Publications(target);
      folder = await mkdtemp(join(tmpdir(), 'pinpack-publication-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    beforeEach(() => {
      label = `set-${randomUUID()}`;
    });

    it('is empty at first', async () => {
      expect(await publications.latest(label)).toBeUndefined();
      expect(await publications.list(label)).toEqual([]);
      expect(await publications.readRecord(label, '20260101T000000Z-0123456789ab')).toBeUndefined();
      expect(await publications.retire({ label, keep: 1 })).toEqual({ removed: [], kept: [] });
    });

    it('publishes files and makes them the latest publication', async () => {
      const large = randomBytes(3_000_000);
      const { id, ...facts } = await publish({ 'packages/a.rpm': large, 'repodata/repomd.xml': '<repomd/>', none: '' });
      expect(facts).toEqual({
        uploaded: 3,
        copied: 0,
        present: 0,
        bytes: 3_000_009,
        isLatest: true,
        before: undefined,
      });
      expect(await publications.list(label)).toEqual([{ id, isLatest: true }]);
      expect(await textOf(id, 'repodata/repomd.xml')).toBe('<repomd/>');
      expect(await readWhole(publications, label, folder)).toBe(id);
      const pointer = await publications.readChanging(label, 'mirrorlist', 1000);
      expect(Buffer.from(pointer ?? []).toString()).toBe(`${URL_OF_READERS}/${label}/releases/${id}/\n`);
      const file = join(folder, randomUUID());
      const found = await publications.download(label, id, 'packages/a.rpm', file);
      expect(found).toEqual({ size: large.length, sha256: sha256OfBytes(large) });
      expect(
        id.endsWith(
          sha256OfBytes((await publications.readFile(label, id, 'release.json', 9999)) ?? Buffer.of()).slice(0, 12),
        ),
      ).toBe(true);
    });

    it('does nothing if the same files are published again', async () => {
      const first = await publish({ a: 'one', b: 'two' });
      const again = await publish({ b: 'two', a: 'one' }, hours(1));
      expect(again).toEqual({ ...first, uploaded: 0, bytes: 0, before: first.id });
      expect(await publications.ids(label)).toEqual([first.id]);
    });

    it('uploads only files that no earlier publication has', async () => {
      const first = await publish({ 'packages/a.rpm': 'same', 'packages/b-1.rpm': 'old' });
      const arrivals: Record<string, Arrival> = {};
      const second = await publications.publish({
        label,
        files: filesOf({ 'packages/a.rpm': 'same', 'packages/b-2.rpm': 'newer', 'copy/of/a': 'same' }),
        url: URL_OF_READERS,
        onFile: ({ path }, arrival) => {
          arrivals[path] = arrival;
        },
      });
      expect(second).toMatchObject({ uploaded: 1, copied: 2, bytes: 5, before: first.id });
      expect(arrivals).toEqual({ 'packages/a.rpm': 'copied', 'packages/b-2.rpm': 'uploaded', 'copy/of/a': 'copied' });
      expect(await readWhole(publications, label, folder)).toBe(second.id);
      expect(second.id > first.id).toBe(true);
      expect((await publications.list(label)).map(({ isLatest }) => isLatest)).toEqual([true, false]);
    });

    it('uploads files that an earlier publication lists but lacks', async () => {
      const first = await publish({ a: 'same', b: 'two' });
      await target.remove(`${label}/releases/${first.id}/a`);
      await target.replace(`${label}/releases/${first.id}/b`, publishedBytes('b', 'twо'), 'any');
      const second = await publish({ a: 'same', b: 'two', c: 'three' });
      expect(second).toMatchObject({ uploaded: 3, copied: 0 });
      expect(await readWhole(publications, label, folder)).toBe(second.id);
    });

    it('resumes after a killed publisher', async () => {
      const contents = { a: 'one', b: 'two', c: 'three' };
      const broken = filesOf(contents).map((file) => (file.path === 'c' ? { ...file, open: fails } : file));
      await expect(publications.publish({ label, files: broken, url: URL_OF_READERS })).rejects.toMatchObject({
        code: 'STORE_LOCAL_FAILED',
      });
      const [begun] = await publications.ids(label);
      expect([await publications.list(label), await publications.latest(label)]).toEqual([[], undefined]);
      const done = await publish(contents, hours(1));
      expect(done).toMatchObject({ id: begun, uploaded: 1, present: 2, bytes: 5 });
      expect(await readWhole(publications, label, folder)).toBe(begun);
    });

    it('replaces damaged files of an unfinished publication', async () => {
      const contents = { a: 'one', b: 'two', c: 'three' };
      const broken = filesOf(contents).map((file) => (file.path === 'c' ? { ...file, open: fails } : file));
      await publications.publish({ label, files: broken, url: URL_OF_READERS }).catch(() => undefined);
      const [begun] = await publications.ids(label);
      await target.replace(`${label}/releases/${begun}/a`, publishedBytes('a', 'eno'), 'any');
      await target.replace(`${label}/releases/${begun}/b`, publishedBytes('b', 'half of it'), 'any');
      expect(await publish(contents)).toMatchObject({ id: begun, uploaded: 3, present: 0 });
      expect(await readWhole(publications, label, folder)).toBe(begun);
    });

    it('rejects a file that changed after it was digested, and keeps the latest publication', async () => {
      const first = await publish({ a: 'one' });
      const [file] = filesOf({ a: 'two' });
      const files = [{ ...publishedBytes('a', 'two'), ...file, open: () => Readable.from([Buffer.from('owt')]) }];
      await expect(publications.publish({ label, files, url: URL_OF_READERS })).rejects.toMatchObject({
        code: 'STORE_CONTENT_DIFFERS',
      });
      expect(await readWhole(publications, label, folder)).toBe(first.id);
      const missing = publishedFile('a', join(folder, 'missing'));
      await expect(missing).rejects.toMatchObject({ code: 'STORE_LOCAL_FAILED' });
    });

    it('rolls back and forth', async () => {
      const first = await publish({ a: 'one' });
      const second = await publish({ a: 'two' });
      expect(await publications.rollback(label, first.id, URL_OF_READERS)).toBe(second.id);
      expect(await readWhole(publications, label, folder)).toBe(first.id);
      expect(await publish({ a: 'two' })).toMatchObject({ id: second.id, before: first.id });
      const third = await publish({ a: 'three' });
      expect(await publications.list(label)).toEqual(
        [third, second, first].map(({ id }) => ({ id, isLatest: id === third.id })),
      );
      const missing = publications.rollback(label, '20260101T000000Z-0123456789ab', URL_OF_READERS);
      await expect(missing).rejects.toMatchObject({ code: 'STORE_ANSWER_INVALID' });
      expect(await publications.latest(label)).toBe(third.id);
    });

    it('removes old publications, but never one in use', async () => {
      const ids: string[] = [];
      for (const content of ['1', '2', '3', '4', '5']) ids.unshift((await publish({ a: content })).id);
      const [fifth, fourth, third, second, first] = ids as [string, string, string, string, string];
      expect(await publications.retire({ label, keep: 1 })).toEqual({ removed: [], kept: ids });
      await publications.rollback(label, first, URL_OF_READERS);
      const kept: string[] = [];
      const request = {
        label,
        keep: 2,
        spare: [third],
        beforeRemoval: (left: readonly string[]) => Promise.resolve(void kept.push(...left)),
      };
      expect(await publications.retire({ ...request, now: hours(2) })).toEqual({
        removed: [second],
        kept: [fifth, fourth, third, first],
      });
      expect(kept).toEqual([fifth, fourth, third, first]);
      expect(await publications.ids(label)).toEqual([fifth, fourth, third, first]);
      expect(await readWhole(publications, label, folder)).toBe(first);
    });

    it('removes leftovers of a killed publisher after a day', async () => {
      const whole = await publish({ a: 'whole' });
      const files = [publishedBytes('a', 'one'), { ...publishedBytes('b', 'two!'), open: fails }];
      await publications.publish({ label, files, url: URL_OF_READERS }).catch(() => undefined);
      expect(await publications.ids(label)).toHaveLength(2);
      await publications.retire({ label, keep: 5, now: hours(2) });
      expect(await publications.ids(label)).toHaveLength(2);
      await publications.retire({ label, keep: 5, now: hours(25) });
      expect(await publications.ids(label)).toEqual([whole.id]);
    });

    it('makes each publication newer than all others, regardless of the clocks', async () => {
      const first = await publish({ a: 'one' }, new Date('2040-01-01T00:00:00Z'));
      const second = await publish({ a: 'two' });
      expect(second.isLatest && second.id > first.id).toBe(true);
      expect(publicationTime(second.id)).toEqual(new Date('2040-01-01T00:00:01Z'));
    });

    it('lets eight concurrent publishers create complete publications, of which the newest is the latest', async () => {
      const contents = Array.from({ length: 8 }, (_, index) => ({ a: randomBytes(100_000), b: `${index}`, same: 'x' }));
      const state = { isDone: false };
      const reading = (async () => {
        while (!state.isDone) await readWhole(publications, label, folder);
      })();
      const results = await Promise.all(contents.map((content) => publish(content)));
      state.isDone = true;
      await reading;
      const ids = results.map(({ id }) => id).sort();
      expect(await publications.latest(label)).toBe(ids.at(-1));
      expect(results.find(({ id }) => id === ids.at(-1))?.isLatest).toBe(true);
      expect((await publications.list(label)).map(({ id }) => id)).toEqual(ids.reverse());
    });

    it('lets four concurrent publishers of the same files succeed with one publication', async () => {
      const now = new Date();
      const results = await Promise.all(Array.from({ length: 4 }, () => publish({ a: 'one', b: 'two' }, now)));
      expect(new Set(results.map(({ id }) => id)).size).toBe(1);
      expect(await readWhole(publications, label, folder)).toBe(results[0]?.id);
    });

    it('uploads only mutable files that changed', async () => {
      const files = filesOf({ 'simple/index.html': '<a>', 'simple/numpy/index.json': '{}', 'x.repo': '[x]' });
      const { written } = await publications.write(label, files);
      expect(written).toBeGreaterThanOrEqual(3);
      expect(await publications.write(label, files)).toEqual({ written: 0 });
      await publications.write(label, filesOf({ 'x.repo': '[y]' }));
      expect(Buffer.from((await publications.readChanging(label, 'x.repo', 10)) ?? []).toString()).toBe('[y]');
      expect(await publications.namesOfChanging(label, 'simple')).toContain('numpy');
      await publications.removeChanging(label, ['simple/numpy/index.json']);
      expect(await publications.readChanging(label, 'simple/numpy/index.json', 10)).toBeUndefined();
    });

    it.each(['../x', '/x', 'a//b', 'a/./b', 'a/'])('rejects the path %s', async (path) => {
      await expect(publish({ [path]: 'x' })).rejects.toThrow(RangeError);
    });

    it.each(['', '../x', '.hidden', 'a/b'])('rejects the label "%s"', async (bad) => {
      await expect(publications.publish({ label: bad, files: [], url: URL_OF_READERS })).rejects.toThrow(RangeError);
    });
  });
}

function fails(): Readable {
  return new Readable({
    read() {
      this.destroy(Object.assign(new Error('EIO: the disk is damaged'), { code: 'EIO' }));
    },
  });
}
