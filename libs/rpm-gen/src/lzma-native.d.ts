/** The part of lzma-native that this package uses. Its published typings accept a check by name, which the library does not. */
declare module 'lzma-native' {
  import type { Transform } from 'node:stream';

  interface Lzma2Options {
    dictSize: number;
    /** Literal context bits, literal position bits, position bits. */
    lc: number;
    lp: number;
    pb: number;
    mode: number;
    mf: number;
    niceLen: number;
    depth: number;
  }

  interface Lzma {
    readonly CHECK_CRC32: number;
    readonly CHECK_SHA256: number;
    readonly FILTER_LZMA2: string;
    readonly MODE_NORMAL: number;
    readonly MF_BT4: number;
    /** Works in the thread pool; with one thread by default. */
    createCompressor(options: { preset: number; check: number }): Transform;
    createDecompressor(): Transform;
    createStream(
      coder: 'streamEncoder',
      options: { filters: { id: string; options: Lzma2Options }[]; check: number },
    ): Transform;
  }

  const lzma: Lzma;
  export default lzma;
}
