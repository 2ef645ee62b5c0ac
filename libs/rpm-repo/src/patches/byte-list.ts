// A list of bytes that grows, and numbers of variable length in it (LEB128: seven bits in each byte, the lowest first). Pure.

export class ByteList {
  private buffer = Buffer.alloc(1024);
  private length = 0;

  add(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  addByte(byte: number): void {
    this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** @param value - from 0 to 2^53 - 1 */
  addNumber(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.addByte((rest % 128) | 128);
    this.addByte(rest);
  }

  /** A number that may be negative: 0, -1, 1, -2, … become 0, 1, 2, 3, … */
  addSigned(value: number): void {
    this.addNumber(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A view, until more is added. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = Buffer.alloc(Math.max(2 * this.buffer.length, this.length + more));
    larger.set(this.bytes());
    this.buffer = larger;
  }
}
