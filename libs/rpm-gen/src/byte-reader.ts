/** Reads a stream of pieces by numbers of bytes. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Bytes that were taken. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes; fewer at the end. */
  async take(size: number): Promise<Buffer> {
    const taken: Buffer[] = [];
    for await (const piece of this.pieces(size)) taken.push(piece);
    const [first = Buffer.alloc(0)] = taken;
    return taken.length < 2 ? first : Buffer.concat(taken);
  }

  /** The next bytes as they come; fewer at the end. */
  async *pieces(size: number): AsyncGenerator<Buffer, void, undefined> {
    for (let left = size; left > 0;) {
      if (this.#piece.length === 0) {
        const next = await this.#pieces.next();
        if (next.done === true) return;
        this.#piece = next.value;
      }
      const piece = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(piece.length);
      this.#offset += piece.length;
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async skip(size: number): Promise<void> {
    const pieces = this.pieces(size);
    while ((await pieces.next()).done !== true);
  }

  /** Reads to the end, without a limit on the size. */
  async finish(): Promise<void> {
    await this.skip(Number.POSITIVE_INFINITY);
  }
}
