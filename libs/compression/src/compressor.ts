/** Compresses piece by piece, in a thread of its own. */
import { BLOCK, CoderThread, type Coder, type CompressionKind } from './coder-thread.js';

/** Blocks that wait for the thread at most: a slow compressor slows the reading. */
const IN_FLIGHT = 3;

/** Takes pieces one after the other. */
export type Sink = (piece: Uint8Array) => void | Promise<void>;

/** A compressor that takes its data piece by piece. */
export interface Compressor {
  /** Resolves when the next piece can be taken, and this one can change. */
  write(piece: Uint8Array): Promise<void>;
  /** Resolves when the sink has taken the last bytes. */
  end(): Promise<void>;
  /** Releases the thread, also after a failure. */
  close(): Promise<void>;
}

/**
 * The bytes do not depend on the sizes of the pieces: those of the stock libraries for zstd (without checksum), gzip (zlib, without name and time) and xz (with SHA-256 as check).
 *
 * @param sink - gets the compressed bytes
 */
export function openCompressor(kind: CompressionKind, level: number, sink: Sink): Promise<Compressor> {
  return openCoder(coderOf(kind, level), sink);
}

export function coderOf(kind: CompressionKind, level: number): Coder {
  return { library: kind, open: 'open', arguments: [level] };
}

/** Compresses data that are in memory. @param chunks - that follow each other */
export async function compressChunks(coder: Coder, chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const compressor = await openCoder(coder, (piece) => void pieces.push(piece));
  try {
    for (const chunk of chunks) await compressor.write(chunk);
    await compressor.end();
  } finally {
    await compressor.close();
  }
  return pieces;
}

async function openCoder(coder: Coder, sink: Sink): Promise<Compressor> {
  return new ThreadCompressor(await CoderThread.open(coder), sink);
}

class ThreadCompressor implements Compressor {
  #block = new Uint8Array(BLOCK);
  #filled = 0;
  #isEnded = false;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** What the sink has to take, in its order. */
  readonly #done: Promise<void>[] = [];

  constructor(
    private readonly thread: CoderThread,
    private readonly sink: Sink,
  ) {}

  async write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) await this.#send(false);
    }
  }

  async end(): Promise<void> {
    await this.#send(true);
    await Promise.all(this.#done);
    this.#isEnded = true;
  }

  async close(): Promise<void> {
    if (this.#isEnded) this.thread.release();
    else await this.thread.terminate();
  }

  async #send(end: boolean): Promise<void> {
    const previous = this.#done.at(-1) ?? Promise.resolve();
    const answer = this.thread.step(this.#block, this.#filled, end);
    const done = Promise.all([answer, previous]).then(async ([{ data, pieces }]) => {
      this.#free.push(data);
      for (const piece of pieces) await this.sink(piece);
    });
    // `write` and `end` report the failure.
    done.catch(() => undefined);
    this.#done.push(done);
    this.#filled = 0;
    if (!end && this.#done.length > IN_FLIGHT) await this.#done.shift();
    this.#block = this.#free.pop() ?? new Uint8Array(BLOCK);
  }
}
