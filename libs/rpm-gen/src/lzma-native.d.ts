/** The part of lzma-native that is used here: its published typings take a check by name, which the library doesn't. */
declare module 'lzma-native' {
  import type { Transform } from 'node:stream';

  interface Lzma {
    readonly CHECK_SHA256: number;
    /** Works in the thread pool; on one thread, unless told otherwise. */
    createCompressor(options: { preset: number; check: number }): Transform;
  }

  const lzma: Lzma;
  export default lzma;
}
