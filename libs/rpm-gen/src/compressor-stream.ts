/** A compressor that takes its data piece by piece. */
export interface CompressorStream {
  /** Resolves when the next piece can be taken, and this one can change. */
  write(piece: Uint8Array): Promise<void>;
  /** Resolves when the sink has taken the last bytes. */
  end(): Promise<void>;
  /** Releases threads and memory, also after a failure. */
  close(): Promise<void>;
}
