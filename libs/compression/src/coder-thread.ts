/** A thread with one of the libraries of wasm/, for one stream after the other. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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

/** What a thread needs of a library: the path of an addon, or WebAssembly. */
const FILES = {
  zstd: () => usable(ZSTD_ADDONS) ?? readFile(new URL('../wasm/zstd-1.5.4.wasm', import.meta.url)),
  xz: () => readFile(new URL('../wasm/xz-5.8.4.wasm', import.meta.url)),
  gzip: () => usable(GZIP_ADDONS) ?? readFile(new URL('../wasm/gzip-1.3.2.wasm', import.meta.url)),
};

/** For Linux with glibc. */
type Addons = Partial<Record<string, URL>>;

const ZSTD_ADDONS: Addons = {
  'linux-x64': new URL('../native/zstd-1.5.4-linux-x64.node', import.meta.url),
  'linux-arm64': new URL('../native/zstd-1.5.4-linux-arm64.node', import.meta.url),
};

const GZIP_ADDONS: Addons = {
  'linux-x64': new URL('../native/gzip-1.3.2-linux-x64.node', import.meta.url),
  'linux-arm64': new URL('../native/gzip-1.3.2-linux-arm64.node', import.meta.url),
};

/** The path of this machine's. Undefined where there is none, or Node may not load it (`--no-addons`), which threads do not know. */
function usable(addons: Addons): string | undefined {
  const url = addons[`${process.platform}-${process.arch}`];
  if (url === undefined) return undefined;
  const path = fileURLToPath(url);
  try {
    process.dlopen({ exports: {} }, path);
    return path;
  } catch {
    return undefined;
  }
}

/** Answers each block with its output, and gives its memory back. A string, because sources, `dist` and bundles have no file in common. */
const WORKER = `
const { parentPort, workerData: { source, block } } = require('node:worker_threads');
const library = typeof source === 'string' ? loadAddon(source) : instantiate(source);
let context = 0;

parentPort.on('message', ({ open, values, data, length, end }) => {
  if (data === undefined) {
    context = library[open](...values);
    if (context === 0) throw new Error('the compressor has not enough memory');
    return;
  }
  library.take(data, length);
  const pieces = [];
  for (;;) {
    const left = library.step(context, length, end);
    if (left === 0xffffffff) throw new Error('the compressor failed');
    const [used, written] = library.positions();
    if (written > 0) pieces.push(library.output(written).slice());
    if (end ? left === 0 : used === length) break;
  }
  if (end) library.close(context);
  parentPort.postMessage({ data, pieces }, [data.buffer, ...pieces.map((piece) => piece.buffer)]);
});

function loadAddon(path) {
  const addon = { exports: {} };
  process.dlopen(addon, path);
  const [output, positions] = [new Uint8Array(block), new Uint32Array(2)];
  let input;
  return {
    ...addon.exports,
    take: (data) => {
      input = data;
      positions[0] = 0;
    },
    step: (context, length, end) => addon.exports.step(context, input, length, output, positions, end),
    positions: () => positions,
    output: (length) => output.subarray(0, length),
  };
}

function instantiate(bytes) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  exports._initialize?.();
  const [input, output, positions] = [block, block, 8].map((size) => exports.allocate(size));
  const view = (Type, address, length) => new Type(exports.memory.buffer, address, length);
  return {
    ...exports,
    take: (data, length) => {
      view(Uint8Array, input, length).set(data.subarray(0, length));
      view(Uint32Array, positions, 2)[0] = 0;
    },
    step: (context, length, end) => exports.step(context, input, length, output, block, positions, end ? 1 : 0) >>> 0,
    positions: () => view(Uint32Array, positions, 2),
    output: (length) => view(Uint8Array, output, length),
  };
}`;

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
    thread.worker.postMessage({ open, values });
    return thread;
  }

  static async #start(library: CompressionKind): Promise<CoderThread> {
    const source = await FILES[library]();
    // Without the options of this process: --input-type=module would make the code a module.
    return new CoderThread(
      library,
      new Worker(WORKER, { eval: true, execArgv: [], workerData: { source, block: BLOCK } }),
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
