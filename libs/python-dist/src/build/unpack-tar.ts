// Unpacks a .tar.gz as a stream: in memory is never more than one piece of the archive.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DistError } from '../dist-error.js';
import { SdistBudget, type SdistLimits } from './sdist-budget.js';
import { unreadable } from './sdist-errors.js';
import { TarExtraction, type TarEntry } from './tar-extraction.js';

/** An archive in the archive would not be counted by its size. */
const COMPRESSED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/** @param folder - empty. @throws DistError `DIST_SOURCE_SDIST_*` */
export async function unpackTar(archive: string, folder: string, limits: SdistLimits): Promise<void> {
  const name = basename(archive);
  const { size } = await stat(archive);
  const budget = new SdistBudget(name, size, limits);
  const extraction = new TarExtraction(name, folder, budget);
  const source = createReadStream(archive);
  const inflated = source.pipe(createGunzip());
  try {
    await feed(inflated, source, budget, extraction);
    extraction.finish();
  } catch (error) {
    throw error instanceof DistError ? error : unreadable(name, error);
  } finally {
    source.destroy();
    inflated.destroy();
  }
}

async function feed(
  inflated: NodeJS.ReadWriteStream,
  source: NodeJS.EventEmitter,
  budget: SdistBudget,
  extraction: TarExtraction,
): Promise<void> {
  // Imported lazily: every nx command loads this package, and few commands unpack anything.
  const { Parser } = await import('tar');
  const parser = new Parser({ strict: true });
  const ended = once(parser, 'end');
  // It rejects after any error, also when nobody waits for it any more.
  ended.catch(() => undefined);
  let hasFailed = false;
  let current: { entry: { destroy: () => unknown }; written: Promise<void> } | undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    for (const emitter of [source, inflated, parser]) emitter.on('error', reject);
    parser.on('ignoredEntry', ({ path }) => {
      reject(new Error(`the header of ${path} is too large`));
    });
    // The parser waits until an entry is consumed.
    parser.on('entry', (entry: TarEntry & { destroy: () => unknown }) => {
      if (hasFailed) return;
      const written = extraction.write(entry);
      written.catch(reject);
      current = { entry, written };
    });
  });
  let isFirst = true;
  // The parser would keep what follows the end of the archive in memory.
  let isOver = false;
  parser.on('eof', () => {
    isOver = true;
  });
  const write = async (): Promise<void> => {
    for await (const chunk of inflated as AsyncIterable<Buffer>) {
      if (isFirst && COMPRESSED.some((magic) => chunk.subarray(0, magic.length).equals(magic)))
        throw new Error('the archive is compressed twice');
      isFirst = false;
      budget.inflate(chunk.length);
      if (!isOver && !parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed]);
    }
    parser.end();
  };
  try {
    await Promise.race([write().then(() => ended), failed]);
  } catch (error) {
    hasFailed = true;
    // The caller removes the folder, so nothing may be written to it any more.
    current?.entry.destroy();
    await current?.written.catch(() => undefined);
    throw error;
  }
}
