// Limits the bytes that requests hold in memory at a time.

export class MemoryBudget {
  /** @param left - in bytes */
  constructor(private left: number) {}

  /** @returns a function that gives the bytes back, to be called once; undefined if they do not fit */
  take(bytes: number): (() => void) | undefined {
    if (bytes > this.left) return undefined;
    this.left -= bytes;
    return () => {
      this.left += bytes;
    };
  }
}
