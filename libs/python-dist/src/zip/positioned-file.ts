/** A file that is read by position. Reads are synchronous, which is faster for thousands of small reads than the thread pool. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { distError, type DistError } from '../dist-error.js';

/** Central directories are read in blocks of this size, not in yauzl's 46 bytes at a time. */
const BLOCK_BYTES = 256 * 1024;

export class PositionedFile {
  /** In bytes, when the file was opened. */
  readonly size: number;
  readonly #descriptor: number;
  #closed = false;
  #block: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  constructor(
    path: string,
    readonly subject: string,
  ) {
    try {
      // Without O_NONBLOCK, opening a named pipe would block forever.
      this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    try {
      const stats = fstatSync(this.#descriptor);
      if (!stats.isFile()) throw distError(subject, 'DIST_WHEEL_UNREADABLE', 'is not a regular file');
      this.size = stats.size;
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  /** The bytes at the position; fewer at the end of the file. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - position)));
    return bytes.subarray(0, this.readInto(bytes, position));
  }

  /** Fills the buffer with the bytes at the position. @returns their number; less at the end of the file */
  readInto(bytes: Uint8Array, position: number): number {
    if (this.#closed) throw distError(this.subject, 'DIST_WHEEL_CLOSED', 'is closed and cannot be read');
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const count = readSync(this.#descriptor, bytes, filled, bytes.length - filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    return filled;
  }

  /** As `read`, through a buffer that adjacent reads share. */
  readThroughBlock(position: number, length: number): Buffer {
    if (length > BLOCK_BYTES) return this.read(position, length);
    const { start, bytes } = this.#block;
    if (position < start || position + length > start + bytes.length) {
      this.#block = { start: position, bytes: this.read(position, BLOCK_BYTES) };
    }
    const offset = position - this.#block.start;
    return this.#block.bytes.subarray(offset, offset + length);
  }

  close(): void {
    if (!this.#closed) closeSync(this.#descriptor);
    this.#closed = true;
  }

  #unreadable(cause: unknown): DistError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return distError(this.subject, 'DIST_WHEEL_UNREADABLE', ['cannot be read', reason], { cause });
  }
}
