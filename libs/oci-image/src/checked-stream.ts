// A stream whose content is checked when all of it has been read.
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Transform, type Readable } from 'node:stream';

export interface StreamedContent {
  /** `sha256:…` */
  digest: string;
  size: number;
}

/** @param faultOf - the error that ends the stream, if the content is not the expected one */
export function checkStream(source: Readable, faultOf: (found: StreamedContent) => Error | undefined): Readable {
  const hash = createHash('sha256');
  let size = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(faultOf({ digest: `sha256:${hash.digest('hex')}`, size }));
    },
  });
  // The reader of the stream gets the error.
  pipeline(source, check).catch(() => undefined);
  return check;
}
