export type { CompressionKind } from './coder-thread.js';
export { compress, joined } from './compress.js';
export { openCompressor, type Compressor, type Sink } from './compressor.js';
export { decompressPieces, type DecompressionKind } from './decompressor.js';
export { compressStrongly } from './strong-xz.js';
