// Verifies all of a wheel, for programs that unpack it without checks.
import { NO_WHEEL_LIMITS } from '../limits/limits.js';
import { readContents } from './canonical-wheel.js';
import { openWheel } from './wheel.js';

/** Reads each file and compares it with its declared size, its CRC and RECORD. @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_*` */
export async function verifyWheel(path: string): Promise<void> {
  // Its declared sizes were checked when it was downloaded.
  const wheel = await openWheel(path, NO_WHEEL_LIMITS);
  try {
    const contents = readContents(wheel);
    while ((await contents.next()).done !== true);
  } finally {
    wheel.close();
  }
}
