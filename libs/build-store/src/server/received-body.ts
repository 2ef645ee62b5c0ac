// Streams the body of a PUT to the backend. The last piece is held back until size and digest are verified, so that a streaming backend never receives
// a complete body that does not match.
import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import type { ObjectContent } from '../backends/backend.js';

export class ReceivedBody implements ObjectContent {
  /** Whether it came whole and was not what was announced: then that the backend failed is the client's fault. */
  isBroken = false;
  received = 0;
  private isOpened = false;

  /**
   * @param size - announced, in bytes
   * @param sha256 - announced, in hex
   */
  constructor(
    private readonly source: Readable,
    readonly size: number,
    readonly sha256: string,
  ) {}

  /** A body can be read once: a second attempt is for the client to make. */
  open = (): Readable => {
    const checked = this.check();
    if (this.isOpened) return checked.destroy(new Error('the body was read already'));
    this.isOpened = true;
    // What breaks on either side reaches the backend through the stream that it reads.
    return pipeline(this.source, checked, () => undefined);
  };

  private check(): Transform {
    const hash = createHash('sha256');
    let held: Buffer | undefined;
    return new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        hash.update(piece);
        this.received += piece.length;
        const ready = held;
        held = piece;
        done(null, ready);
      },
      flush: (done) => {
        const found = hash.digest('hex');
        this.isBroken = this.received !== this.size || found !== this.sha256;
        if (this.isBroken) done(new Error(`the body has ${this.received} bytes, sha256=${found}`));
        else done(null, held);
      },
    });
  }
}
