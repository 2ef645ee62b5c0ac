/**
 * Compresses with libzstd 1.5.4 piece by piece, in a worker thread. The library is compiled to WebAssembly (wasm/zstd.c) and writes the bytes that the native
 * addon of the same version writes, which takes whole buffers only and half the processor time (docs/decisions/0038-writing-engine.md).
 */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { CompressorStream } from './compressor-stream.js';
import type { Sink } from './archive.js';

const BLOCK = 512 * 1024;
/** Blocks that wait for the worker at most. */
const IN_FLIGHT = 3;

/** Answers each block with its output, and gives its memory back. A string, because sources, `dist` and bundles have no file in common. */
const WORKER = `
const { parentPort, workerData: { wasm, level, block } } = require('node:worker_threads');
const { exports: zstd } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {});
zstd._initialize?.();
const context = zstd.open(level);
const [input, output, positions] = [zstd.allocate(block), zstd.allocate(block), zstd.allocate(8)];
if (!context || !input || !output || !positions) throw new Error('zstd: out of memory');
parentPort.on('message', ({ data, length, end }) => {
  new Uint8Array(zstd.memory.buffer, input, length).set(data.subarray(0, length));
  new Uint32Array(zstd.memory.buffer, positions, 2)[0] = 0;
  const pieces = [];
  for (;;) {
    const left = zstd.step(context, input, length, output, block, positions, end ? 1 : 0) >>> 0;
    if (left === 0xffffffff) throw new Error('zstd: compression failed');
    const [used, written] = new Uint32Array(zstd.memory.buffer, positions, 2);
    if (written > 0) pieces.push(new Uint8Array(zstd.memory.buffer, output, written).slice());
    if (end ? left === 0 : used === length) break;
  }
  parentPort.postMessage({ data, pieces }, [data.buffer, ...pieces.map((piece) => piece.buffer)]);
});`;

interface Answer {
  data: Uint8Array<ArrayBuffer>;
  pieces: Uint8Array[];
}

/** @param sink - gets the compressed bytes */
export async function openZstdStream(level: number, sink: Sink): Promise<CompressorStream> {
  const wasm = await readFile(new URL('../wasm/zstd-1.5.4.wasm', import.meta.url));
  // Without the options of this process: --input-type=module would make the code a module.
  const options = { eval: true, execArgv: [], workerData: { wasm, level, block: BLOCK } };
  return new ZstdStream(new Worker(WORKER, options), sink);
}

class ZstdStream implements CompressorStream {
  #block = new Uint8Array(BLOCK);
  #filled = 0;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** Of the blocks in flight, in their order. */
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  readonly #done: Promise<void>[] = [];
  #failure: Error | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly sink: Sink,
  ) {
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => {
      this.#fail(error);
    });
    worker.on('exit', () => {
      this.#fail(new Error('the worker thread of zstd ended early'));
    });
  }

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
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
  }

  async #send(end: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const answer = deferred<Answer>();
    const previous = this.#done.at(-1) ?? Promise.resolve();
    this.#waiting.push(answer);
    const done = Promise.all([answer.promise, previous]).then(([{ data, pieces }]) => this.#take(data, pieces));
    // `write` and `end` report the failure.
    done.catch(() => undefined);
    this.#done.push(done);
    this.worker.postMessage({ data: this.#block, length: this.#filled, end }, [this.#block.buffer]);
    this.#filled = 0;
    if (!end && this.#done.length > IN_FLIGHT) await this.#done.shift();
    this.#block = this.#free.pop() ?? new Uint8Array(BLOCK);
  }

  async #take(data: Uint8Array<ArrayBuffer>, pieces: readonly Uint8Array[]): Promise<void> {
    this.#free.push(data);
    for (const piece of pieces) await this.sink(piece);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

interface PromiseWithResolvers<Value> {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
}

function deferred<Value>(): PromiseWithResolvers<Value> {
  let settle: Pick<PromiseWithResolvers<Value>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (settle === undefined) throw new TypeError('a promise did not call its executor');
  return { promise, ...settle };
}
