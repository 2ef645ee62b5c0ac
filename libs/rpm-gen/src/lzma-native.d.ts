/** The part of lzma-native that this package uses. Its published typings accept a check by name, which the library does not. */
declare module 'lzma-native' {
  import type { Transform } from 'node:stream';

  interface Lzma {
    readonly CHECK_SHA256: number;
    /** Works in the thread pool; with one thread by default. */
    createCompressor(options: { preset: number; check: number }): Transform;
    createDecompressor(): Transform;
  }

  const lzma: Lzma;
  export default lzma;
}
