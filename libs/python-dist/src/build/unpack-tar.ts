// Unpacks a .tar.gz as a stream: in memory is never more than one piece of the archive.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Parser } from 'tar';
import { DistError } from '../dist-error.js';
import { SdistBudget, type SdistLimits } from './sdist-budget.js';
import { unreadable } from './sdist-errors.js';
import { TarExtraction, type TarEntry } from './tar-extraction.js';

/** An archive in the archive would not be counted by its size. */
const COMPRESSED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

type ParsedEntry = TarEntry & { destroy: () => unknown };

/** @param folder - empty. @throws DistError `DIST_SOURCE_SDIST_*` */
export async function unpackTar(archive: string, folder: string, limits: SdistLimits): Promise<void> {
  const name = basename(archive);
  const { size } = await stat(archive);
  const budget = new SdistBudget(name, size, limits);
  const extraction = new TarExtraction(name, folder, budget);
  const source = createReadStream(archive);
  const inflated = source.pipe(createGunzip());
  try {
    // Imported lazily: every nx command loads this package, and few commands unpack anything.
    const { Parser } = await import('tar');
    await new TarFeed(new Parser({ strict: true }), extraction, budget).run(inflated, source);
    extraction.finish();
  } catch (error) {
    throw error instanceof DistError ? error : unreadable(name, error);
  } finally {
    source.destroy();
    inflated.destroy();
  }
}

/** Hands inflated data to node-tar's parser, and its entries to the extraction, one after the other. */
class TarFeed {
  #hasFailed = false;
  /** The parser would keep what follows the end of the archive in memory. */
  #isOver = false;
  #current: { entry: ParsedEntry; written: Promise<void> } | undefined;

  constructor(
    private readonly parser: Parser,
    private readonly extraction: TarExtraction,
    private readonly budget: SdistBudget,
  ) {}

  async run(inflated: Readable, source: Readable): Promise<void> {
    const ended = once(this.parser, 'end');
    // It rejects after any error, also when nobody waits for it any more.
    ended.catch(() => undefined);
    const failed = this.#listen([source, inflated]);
    try {
      await Promise.race([this.#write(inflated, failed).then(() => ended), failed]);
    } catch (error) {
      this.#hasFailed = true;
      // The caller removes the folder, so nothing may be written to it any more.
      this.#current?.entry.destroy();
      await this.#current?.written.catch(() => undefined);
      throw error;
    }
  }

  /** Rejects with the first error. */
  #listen(sources: readonly Readable[]): Promise<never> {
    this.parser.on('eof', () => {
      this.#isOver = true;
    });
    return new Promise((_resolve, reject) => {
      for (const emitter of [...sources, this.parser]) emitter.on('error', reject);
      this.parser.on('ignoredEntry', ({ path }) => {
        reject(new Error(`the header of ${path} is too large`));
      });
      // The parser waits until an entry is consumed.
      this.parser.on('entry', (entry: ParsedEntry) => {
        if (this.#hasFailed) return;
        const written = this.extraction.write(entry);
        written.catch(reject);
        this.#current = { entry, written };
      });
    });
  }

  async #write(inflated: AsyncIterable<Buffer>, failed: Promise<never>): Promise<void> {
    let isFirst = true;
    for await (const chunk of inflated) {
      if (isFirst && COMPRESSED.some((magic) => chunk.subarray(0, magic.length).equals(magic)))
        throw new Error('the archive is compressed twice');
      isFirst = false;
      this.budget.inflate(chunk.length);
      if (!this.#isOver && !this.parser.write(chunk)) await Promise.race([once(this.parser, 'drain'), failed]);
    }
    this.parser.end();
  }
}
