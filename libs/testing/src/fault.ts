// The ways in which a server before a store goes wrong, and what each does to a body that passes by.
import { PassThrough, Transform, type TransformCallback } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** Where a request has a body, "the body" is the request's; else the answer's. */
export type Fault =
  /** Nobody listens. */
  | { kind: 'refuse' }
  /** The connection is reset when the request's head has come. */
  | { kind: 'reset' }
  /** No answer, and the connection stays open. */
  | { kind: 'hang' }
  /** Nothing more of the body after so many bytes, and the connection stays open. */
  | { kind: 'hang-in-body'; after: number }
  /** The connection is reset within the body, after so many bytes. */
  | { kind: 'cut'; after: number }
  | { kind: 'slow'; bytesPerSecond: number }
  /** An S3 error: 403 AccessDenied, 500 InternalError, 503 SlowDown. The request never reaches the store. */
  | { kind: 'status'; status: number; code: string }
  /** An answer that isn't HTTP. */
  | { kind: 'garbage' }
  /** One bit is another, in the byte at this offset of the body. */
  | { kind: 'flip'; at: number }
  /** The answer's Content-Length is off by so many bytes. */
  | { kind: 'wrong-length'; by: number };

/** What happens to a body on its way. */
export function bodyFault(fault: Fault | undefined, reset: () => void): Transform {
  switch (fault?.kind) {
    case 'hang-in-body':
      return stopAfter(fault.after, () => undefined);
    case 'cut':
      return stopAfter(fault.after, reset);
    case 'slow':
      return slow(fault.bytesPerSecond);
    case 'flip':
      return flip(fault.at);
    default:
      return new PassThrough();
  }
}

function stopAfter(limit: number, stopped: () => void): Transform {
  let passed = 0;
  const transform = (chunk: Buffer, _encoding: string, done: TransformCallback) => {
    const rest = limit - passed;
    passed += chunk.length;
    if (chunk.length < rest) {
      done(null, chunk);
      return;
    }
    // Never done: nothing follows.
    stream.push(chunk.subarray(0, rest));
    setImmediate(stopped);
  };
  const stream = new Transform({ transform });
  return stream;
}

const TICK_MS = 20;

function slow(bytesPerSecond: number): Transform {
  const bytesPerMs = bytesPerSecond / 1000;
  const step = Math.max(1, Math.floor(bytesPerMs * TICK_MS));
  async function pass(stream: Transform, chunk: Buffer): Promise<void> {
    for (let from = 0; from < chunk.length; from += step) {
      const piece = chunk.subarray(from, from + step);
      await wait(piece.length / bytesPerMs);
      if (stream.destroyed) return;
      stream.push(piece);
    }
  }
  const stream: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      void pass(stream, chunk).then(() => {
        done();
      });
    },
  });
  return stream;
}

function flip(at: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const place = at - passed;
      passed += chunk.length;
      if (place < 0 || place >= chunk.length) {
        done(null, chunk);
        return;
      }
      const damaged = Buffer.from(chunk);
      damaged.writeUInt8(chunk.readUInt8(place) ^ 1, place);
      done(null, damaged);
    },
  });
}
