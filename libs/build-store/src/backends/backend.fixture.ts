// What every backend does: one table, run against each of them, with a real server behind those that have one.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectBackend, ObjectContent } from './backend.js';

export function contentOf(bytes: Uint8Array | string): ObjectContent {
  const buffer = Buffer.from(bytes);
  return { size: buffer.length, sha256: sha256Of(buffer), open: () => Readable.from(piecesOf(buffer)) };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function* piecesOf(buffer: Buffer): Generator<Buffer> {
  for (let start = 0; start < buffer.length; start += 65_536) yield buffer.subarray(start, start + 65_536);
}

/** @param open - of a place of its own, which may be empty or not */
export function describeBackend(name: string, open: () => Promise<ObjectBackend> | ObjectBackend): void {
  describe(`${name} as a backend`, () => {
    let backend: ObjectBackend;
    let folder: string;
    const newPath = (): string => `v1/main/entries/nx/${randomUUID()}`;
    const newFile = (): string => join(folder, randomUUID());
    const textOf = async (path: string): Promise<string | undefined> => {
      const bytes = await backend.read(path, 1000);
      return bytes && Buffer.from(bytes).toString();
    };

    beforeAll(async () => {
      backend = await open();
      folder = await mkdtemp(join(tmpdir(), 'pinpack-backend-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('creates an object and reads it', async () => {
      const path = newPath();
      expect(await backend.create(path, contentOf('one'))).toBe('created');
      expect(await textOf(path)).toBe('one');
    });

    it('keeps the first of two', async () => {
      const path = newPath();
      await backend.create(path, contentOf('first'));
      expect(await backend.create(path, contentOf('second, and longer'))).toBe('exists');
      expect(await textOf(path)).toBe('first');
    });

    it.each([0, 1, 65_536, 5_000_001])('downloads %i bytes with their digest', async (size) => {
      const path = newPath();
      const bytes = randomBytes(size);
      await backend.create(path, contentOf(bytes));
      const file = newFile();
      expect(await backend.download(path, file)).toEqual({ size, sha256: sha256Of(bytes) });
      expect((await readFile(file)).equals(bytes)).toBe(true);
    });

    it('knows what is not there', async () => {
      const path = newPath();
      const file = newFile();
      expect(await backend.read(path, 1000)).toBeUndefined();
      expect(await backend.stat(path)).toBeUndefined();
      expect(await backend.download(path, file)).toBeUndefined();
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
      await backend.remove(path);
    });

    it('reports size and time of an object', async () => {
      const path = newPath();
      await backend.create(path, contentOf('twelve bytes'));
      const facts = await backend.stat(path);
      expect(facts).toMatchObject({ path, size: 12 });
      expect(Math.abs((facts?.modified.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
    });

    it('reads no more than the limit', async () => {
      const path = newPath();
      await backend.create(path, contentOf('x'.repeat(1000)));
      expect(await backend.read(path, 1000)).toHaveLength(1000);
      await expect(backend.read(path, 999)).rejects.toMatchObject({ code: 'STORE_ANSWER_INVALID' });
    });

    it('lists what is below a prefix, all of it', async () => {
      const prefix = `v1/main/sha256/${randomUUID()}/`;
      const paths = Array.from({ length: 30 }, (_, index) => `${prefix}${index}/${randomUUID()}`);
      await Promise.all(paths.map((path) => backend.create(path, contentOf(path))));
      const found = await collect(backend.list(prefix));
      expect(found.map(({ path }) => path).sort()).toEqual([...paths].sort());
      expect(found.every(({ path, size }) => size === path.length)).toBe(true);
      expect(await collect(backend.list(`v1/main/sha256/${randomUUID()}/`))).toEqual([]);
    });

    it('removes an object, which can then be created again', async () => {
      const path = newPath();
      await backend.create(path, contentOf('old'));
      await backend.remove(path);
      expect(await backend.stat(path)).toBeUndefined();
      expect(await backend.create(path, contentOf('new'))).toBe('created');
      expect(await textOf(path)).toBe('new');
    });

    it('lets one of 32 creators of a path win, and readers see whole objects only', async () => {
      const path = newPath();
      const contents = Array.from({ length: 32 }, () => randomBytes(300_000));
      const digests = new Set(contents.map(sha256Of));
      const seen: (string | undefined)[] = [];
      let isDone = false;
      const look = async (): Promise<void> => {
        while (!isDone) seen.push((await backend.download(path, newFile()))?.sha256);
      };
      const readers = [look(), look()];
      const creators = contents.map((bytes) => backend.create(path, contentOf(bytes)));
      const answers = await Promise.all(creators).finally(() => {
        isDone = true;
      });
      await Promise.all(readers);
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'exists')).toHaveLength(31);
      const winner = sha256Of(contents[answers.indexOf('created')] ?? Buffer.of());
      expect(seen.every((sha256) => sha256 === undefined || (digests.has(sha256) && sha256 === winner))).toBe(true);
      expect((await backend.download(path, newFile()))?.sha256).toBe(winner);
    });

    it('refuses content that is not what it says, and shows nothing of it', async () => {
      const path = newPath();
      const { size, sha256, open: openOne } = contentOf('honest');
      const others = {
        digest: { size, sha256: sha256Of(Buffer.from('other')), open: openOne },
        short: { size: size + 1, sha256, open: openOne },
        long: { size: size - 1, sha256, open: openOne },
      };
      for (const content of Object.values(others)) {
        await expect(backend.create(path, content)).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
        expect(await backend.stat(path)).toBeUndefined();
      }
      expect(await backend.create(path, contentOf('honest'))).toBe('created');
    });

    it('creates nothing when the source breaks off', async () => {
      const path = newPath();
      const broken = {
        ...contentOf(randomBytes(300_000)),
        open: () =>
          Readable.from(
            (function* () {
              yield randomBytes(100_000);
              throw new Error('source broke off');
            })(),
          ),
      };
      await expect(backend.create(path, broken)).rejects.toThrow();
      expect(await backend.stat(path)).toBeUndefined();
    });

    it('ends on an abort', async () => {
      const path = newPath();
      await backend.create(path, contentOf('there'));
      const signal = AbortSignal.abort();
      const ended = { code: 'STORE_UNREACHABLE' };
      await expect(backend.read(path, 1000, { signal })).rejects.toMatchObject(ended);
      await expect(backend.stat(path, { signal })).rejects.toMatchObject(ended);
      await expect(backend.download(path, newFile(), { signal })).rejects.toMatchObject(ended);
      await expect(backend.create(newPath(), contentOf('new'), { signal })).rejects.toMatchObject(ended);
    });

    it('ends within the body of what it creates, and shows nothing of it', async () => {
      const path = newPath();
      const controller = new AbortController();
      const endless = {
        ...contentOf(randomBytes(300_000)),
        open: () =>
          Readable.from(
            (async function* () {
              yield randomBytes(100_000);
              controller.abort();
              await new Promise(() => undefined);
            })(),
          ),
      };
      const creating = backend.create(path, endless, { signal: controller.signal });
      await expect(creating).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(await backend.stat(path)).toBeUndefined();
    });

    it('has a label for people', () => {
      expect(backend.label).not.toBe('');
      expect(backend.label).not.toMatch(/secret|token|password|@/i);
    });
  });
}
