/** Decompresses zstd piece by piece with libzstd 1.5.4, compiled to WebAssembly (wasm/unzstd.c): the native addon takes whole buffers only. */
import { readFile } from 'node:fs/promises';
import { instantiate, type WasmMemory } from '@pinpack/common/web-assembly';

const BLOCK = 256 * 1024;
const FAILED = 0xffffffff;

interface Library {
  memory: WasmMemory;
  open: () => number;
  allocate: (size: number) => number;
  step: (
    ...pointers: [context: number, input: number, size: number, output: number, size: number, positions: number]
  ) => number;
}

/** One or several frames. The memory is that of the frame's window and two blocks. @throws Error without a message for users */
export async function* unzstd(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const wasm = await readFile(new URL('../wasm/unzstd-1.5.4.wasm', import.meta.url));
  const decoder = new Decoder(instantiate(wasm) as Library);
  let isWithin = true;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += BLOCK) {
      for (const output of decoder.decode(piece.subarray(at, at + BLOCK))) yield output;
      isWithin = decoder.isWithinFrame;
    }
  }
  if (isWithin) throw new Error('the last frame of zstd is incomplete');
}

class Decoder {
  isWithinFrame = true;
  readonly #context: number;
  readonly #input: number;
  readonly #output: number;
  readonly #positions: number;

  constructor(private readonly library: Library) {
    this.#context = library.open();
    [this.#input, this.#output, this.#positions] = [BLOCK, BLOCK, 8].map((size) => library.allocate(size)) as [
      number,
      number,
      number,
    ];
    if ([this.#context, this.#input, this.#output, this.#positions].includes(0)) throw new Error('zstd: out of memory');
  }

  /** @param input - a block at most */
  *decode(input: Buffer): Generator<Buffer, void, undefined> {
    new Uint8Array(this.library.memory.buffer, this.#input, input.length).set(input);
    this.#setPosition(0);
    for (;;) {
      const left =
        this.library.step(this.#context, this.#input, input.length, this.#output, BLOCK, this.#positions) >>> 0;
      if (left === FAILED) throw new Error('the data are no zstd frames, or are damaged');
      this.isWithinFrame = left > 0;
      // The memory grows with the first block of a frame.
      const [used = 0, written = 0] = new Uint32Array(this.library.memory.buffer, this.#positions, 2);
      if (written > 0) yield Buffer.from(new Uint8Array(this.library.memory.buffer, this.#output, written));
      // A full block may have more behind it, except at the end of a frame.
      if (used === input.length && (written < BLOCK || left === 0)) return;
    }
  }

  #setPosition(used: number): void {
    new Uint32Array(this.library.memory.buffer, this.#positions, 2)[0] = used;
  }
}
