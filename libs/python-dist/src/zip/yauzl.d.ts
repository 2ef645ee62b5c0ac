/** Types of the part of yauzl 3 that this package uses; yauzl ships no types. */
declare module 'yauzl' {
  export interface Entry {
    /** Decoded, unless `decodeStrings` is false. */
    readonly fileName: string;
    readonly fileNameRaw: Buffer;
    readonly extraFieldRaw: Buffer;
    readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[];
    readonly fileCommentRaw: Buffer;
    readonly generalPurposeBitFlag: number;
    readonly compressionMethod: number;
    readonly crc32: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly externalFileAttributes: number;
    readonly relativeOffsetOfLocalHeader: number;
  }

  export interface ZipFile {
    readonly entryCount: number;
    readonly comment: Buffer;
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<AsyncIterable<Buffer>>;
    close(): void;
  }

  export type ReadCallback = (error: Error | null, bytesRead?: number) => void;

  export abstract class RandomAccessReader {
    read(buffer: Buffer, offset: number, length: number, position: number, callback: ReadCallback): void;
  }

  export interface Options {
    readonly autoClose?: boolean;
    readonly decodeStrings?: boolean;
    readonly validateEntrySizes?: boolean;
  }

  const yauzl: {
    openPromise(path: string): Promise<ZipFile>;
    fromRandomAccessReaderPromise(reader: RandomAccessReader, totalSize: number, options: Options): Promise<ZipFile>;
    RandomAccessReader: typeof RandomAccessReader;
  };
  export default yauzl;
}
