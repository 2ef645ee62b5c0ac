/**
 * Inflates into memory of the caller with libdeflate, compiled to WebAssembly (wasm/inflate.c). Node's zlib allocates the memory of each output, and collecting
 * it costs as much as inflating (docs/decisions/0038-writing-engine.md).
 */
import { readFileSync } from 'node:fs';
import { instantiate, type WasmMemory } from '@pinpack/common/web-assembly';

/** Bytes of an input and its output. WebAssembly never gives memory back. */
const LARGEST = 48 * 1024 * 1024;

interface Libdeflate {
  readonly memory: WasmMemory;
  /** The offset of memory for as many bytes; 0 if there is not enough. */
  reserve(size: number): number;
  /** 0 if the input inflates to exactly as many bytes. */
  inflate(input: number, inputSize: number, output: number, outputSize: number): number;
}

let loaded: Libdeflate | undefined;

/**
 * @param inputSize - bytes of the deflated data
 * @param readInput - fills its argument with them
 * @param output - of the size that the data should have
 * @returns false if they have another size, are damaged, or are too large: zlib gives the reason
 */
export function inflateInto(inputSize: number, readInput: (input: Uint8Array) => void, output: Uint8Array): boolean {
  if (inputSize + output.length > LARGEST) return false;
  loaded ??= instantiate(readFileSync(new URL('../../wasm/libdeflate.wasm', import.meta.url))) as Libdeflate;
  const input = loaded.reserve(inputSize + output.length);
  if (input === 0) return false;
  readInput(new Uint8Array(loaded.memory.buffer, input, inputSize));
  const at = input + inputSize;
  if (loaded.inflate(input, inputSize, at, output.length) !== 0) return false;
  output.set(new Uint8Array(loaded.memory.buffer, at, output.length));
  return true;
}
