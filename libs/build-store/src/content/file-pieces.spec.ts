import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PieceWriter, readPieces } from './file-pieces.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'pinpack-pieces-')), 'file');
});
afterEach(() => rm(join(path, '..'), { recursive: true }));

it.each([0, 1, 262_143, 262_144, 262_145, 3_000_000])('%i bytes come out as they went in', async (size) => {
  const bytes = randomBytes(size);
  const target = await open(path, 'wx');
  const writer = new PieceWriter(target);
  for (let from = 0; from < size; from += 65_500) await writer.write(bytes.subarray(from, from + 65_500));
  await writer.finish();
  await target.close();
  expect((await readFile(path)).equals(bytes)).toBe(true);

  const source = await open(path);
  const pieces: Buffer[] = [];
  await readPieces(source, async (piece) => {
    await turn();
    pieces.push(Buffer.from(piece));
  });
  await source.close();
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
});

it('work that fails ends the reading', async () => {
  await writeFile(path, randomBytes(1_000_000));
  const source = await open(path);
  let count = 0;
  const failing = readPieces(source, () => {
    count++;
    return Promise.reject(new Error('no more'));
  });
  await expect(failing).rejects.toThrow('no more');
  expect(count).toBe(1);
  await source.close();
});

it('a disk that is full is reported', async () => {
  const full = await open('/dev/full', 'w');
  const writer = new PieceWriter(full);
  await writer.write(randomBytes(100));
  await expect(writer.finish()).rejects.toMatchObject({ code: 'ENOSPC' });
  await full.close();
});
