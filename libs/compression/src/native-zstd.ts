/** zstd by the native addon, in the thread pool. It is loaded when needed: everything else works without it. */

/** One frame without a checksum, the bytes that libzstd's streaming gives. */
export async function compressZstd(data: Buffer, level: number): Promise<Buffer> {
  const { Encoder } = await import('@toondepauw/node-zstd');
  return new Encoder(level).encode(data);
}

/** There is no limit of the result's size. @throws Error without a message for users */
export async function decompressZstd(data: Buffer): Promise<Buffer> {
  const { Decoder } = await import('@toondepauw/node-zstd');
  return new Decoder().decode(data);
}
