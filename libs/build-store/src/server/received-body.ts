// Streams the body of a PUT to the backend. The last piece is held back until size and digest are verified, so that a streaming backend never receives
// a complete body that does not match.
import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import type { ObjectContent } from '../backends/backend.js';

export class ReceivedBody implements ObjectContent {
  /** Whether it is complete but does not match its announcement: then the client caused the backend's error. */
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

  /** A body can be read only once. The client has to repeat the request. */
  open = (): Readable => {
    const checked = this.check();
    if (this.isOpened) return checked.destroy(new Error('the body was read already'));
    this.isOpened = true;
    // The backend sees errors of either side through the stream that it reads.
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
