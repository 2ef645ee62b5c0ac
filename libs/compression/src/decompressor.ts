/** Decompresses piece by piece with libraries compiled to WebAssembly (wasm/), which confine what a damaged archive could do to them. */
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { instantiate, type WasmMemory } from '@pinpack/common/web-assembly';

const BLOCK = 256 * 1024;
const FAILED = 0xffffffff;

/** xz is also the older format, lzma. */
export type DecompressionKind = keyof typeof LIBRARIES;

interface Library {
  memory: WasmMemory;
  open: () => number;
  allocate: (size: number) => number;
  step: (
    ...values: [context: number, input: number, size: number, output: number, size: number, positions: number, end: 0]
  ) => number;
}

/** zstd may have several frames; an xz stream ends the data, as for rpm. */
const LIBRARIES = {
  zstd: { read: () => readFile(new URL('../wasm/unzstd-1.5.4.wasm', import.meta.url)), hasFrames: true },
  xz: { read: () => readFile(new URL('../wasm/unxz-5.8.4.wasm', import.meta.url)), hasFrames: false },
};

/**
 * On this thread, which gets a turn after each block. The memory is that of the window and two blocks; xz that needs over 100 MiB is refused, as by rpm.
 *
 * @throws Error without a message for users
 */
export async function* decompressPieces(
  kind: DecompressionKind,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const { read, hasFrames } = LIBRARIES[kind];
  const decoder = new Decoder(instantiate(await read()) as Library, hasFrames);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += BLOCK) {
      for (const output of decoder.decode(piece.subarray(at, at + BLOCK))) yield output;
      if (decoder.isDone) return;
      if (piece.length > BLOCK) await nextTurn();
    }
  }
  if (!decoder.isAtEnd) throw new Error(`the data of ${kind} end early`);
}

class Decoder {
  /** Of a frame or of the data. */
  isAtEnd = false;
  readonly #context: number;
  readonly #input: number;
  readonly #output: number;
  readonly #positions: number;

  constructor(
    private readonly library: Library,
    private readonly hasFrames: boolean,
  ) {
    this.#context = library.open();
    [this.#input, this.#output, this.#positions] = [BLOCK, BLOCK, 8].map((size) => library.allocate(size)) as [
      number,
      number,
      number,
    ];
    if ([this.#context, this.#input, this.#output, this.#positions].includes(0)) throw new Error('out of memory');
  }

  /** Whatever follows. */
  get isDone(): boolean {
    return this.isAtEnd && !this.hasFrames;
  }

  /** @param input - a block at most */
  *decode(input: Buffer): Generator<Buffer, void, undefined> {
    const { library } = this;
    new Uint8Array(library.memory.buffer, this.#input, input.length).set(input);
    new Uint32Array(library.memory.buffer, this.#positions, 2)[0] = 0;
    for (let before = -1; ;) {
      const left =
        library.step(this.#context, this.#input, input.length, this.#output, BLOCK, this.#positions, 0) >>> 0;
      // The memory grows with the first block of a frame.
      const [used = 0, written = 0] = new Uint32Array(library.memory.buffer, this.#positions, 2);
      const isStuck = used === before && used < input.length && written === 0;
      if (left === FAILED || isStuck) throw new Error('the data are in another format, or damaged');
      this.isAtEnd = left === 0;
      before = used;
      if (written > 0) yield Buffer.from(new Uint8Array(library.memory.buffer, this.#output, written));
      if (this.isDone) return;
      // A full block may have more behind it, except at the end of a frame.
      if (used === input.length && (written < BLOCK || this.isAtEnd)) return;
    }
  }
}
