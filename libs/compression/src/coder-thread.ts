/** A thread with one of the libraries of wasm/, for one stream after the other. */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** Bytes of a block of input. */
export const BLOCK = 512 * 1024;

/** Which library makes a stream, and by which of its functions. */
export interface Coder {
  library: CompressionKind;
  open: 'open' | 'open_lzma2';
  arguments: readonly number[];
}

export interface Answer {
  /** The memory of the block, to be used again. */
  data: Uint8Array<ArrayBuffer>;
  pieces: Uint8Array[];
}

export type CompressionKind = keyof typeof FILES;

const FILES = {
  zstd: () => readFile(new URL('../wasm/zstd-1.5.4.wasm', import.meta.url)),
  xz: () => readFile(new URL('../wasm/xz-5.8.4.wasm', import.meta.url)),
  gzip: () => readFile(new URL('../wasm/gzip-1.3.2.wasm', import.meta.url)),
};

/** Answers each block with its output, and gives its memory back. A string, because sources, `dist` and bundles have no file in common. */
const WORKER = `
const { parentPort, workerData: { wasm, block } } = require('node:worker_threads');
const { exports: library } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {});
library._initialize?.();
const [input, output, positions] = [block, block, 8].map((size) => library.allocate(size));
let context = 0;
const step = ({ data, length, end }) => {
  new Uint8Array(library.memory.buffer, input, length).set(data.subarray(0, length));
  new Uint32Array(library.memory.buffer, positions, 2)[0] = 0;
  const pieces = [];
  for (;;) {
    const left = library.step(context, input, length, output, block, positions, end ? 1 : 0) >>> 0;
    if (left === 0xffffffff) throw new Error('the compressor failed');
    const [used, written] = new Uint32Array(library.memory.buffer, positions, 2);
    if (written > 0) pieces.push(new Uint8Array(library.memory.buffer, output, written).slice());
    if (end ? left === 0 : used === length) break;
  }
  if (end) library.close(context);
  parentPort.postMessage({ data, pieces }, [data.buffer, ...pieces.map((piece) => piece.buffer)]);
};
parentPort.on('message', (message) => {
  if (message.data !== undefined) return step(message);
  context = library[message.open](...message.arguments);
  if (context === 0 || input === 0 || output === 0 || positions === 0) throw new Error('the compressor has not enough memory');
});`;

/** Starting a thread takes some 15 ms, so one that has finished its stream waits for the next. */
const idle = new Map<CompressionKind, CoderThread[]>();

export class CoderThread {
  /** Of the blocks in flight, in their order. */
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  #failure: Error | undefined;

  private constructor(
    private readonly library: CompressionKind,
    private readonly worker: Worker,
  ) {
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => {
      this.#fail(error);
    });
    worker.on('exit', () => {
      this.#fail(new Error('the thread of the compressor ended early'));
    });
  }

  static async open({ library, open, arguments: values }: Coder): Promise<CoderThread> {
    const thread = idle.get(library)?.pop() ?? (await CoderThread.#start(library));
    thread.worker.ref();
    thread.worker.postMessage({ open, arguments: values });
    return thread;
  }

  static async #start(library: CompressionKind): Promise<CoderThread> {
    const wasm = await FILES[library]();
    // Without the options of this process: --input-type=module would make the code a module.
    return new CoderThread(
      library,
      new Worker(WORKER, { eval: true, execArgv: [], workerData: { wasm, block: BLOCK } }),
    );
  }

  /** @param data - whose memory the thread takes. @param end - the block is the stream's last */
  step(data: Uint8Array<ArrayBuffer>, length: number, end: boolean): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const answer = deferred<Answer>();
    this.#waiting.push(answer);
    this.worker.postMessage({ data, length, end }, [data.buffer]);
    return answer.promise;
  }

  /** After the last block's answer: the thread waits for another stream, and does not keep the process alive. */
  release(): void {
    this.worker.unref();
    idle.set(this.library, [...(idle.get(this.library) ?? []), this]);
  }

  async terminate(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
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
