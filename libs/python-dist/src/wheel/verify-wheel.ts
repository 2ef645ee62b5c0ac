// Verifies all of a wheel, for programs that unpack it without checks.
import { NO_WHEEL_LIMITS } from '../limits/limits.js';
import { readContents } from './canonical-wheel.js';
import { openWheel } from './wheel.js';

/** Reads each file and compares it with its declared size and its CRC; not with RECORD, which installers ignore. @throws DistError `DIST_WHEEL_*` */
export async function verifyWheel(path: string): Promise<void> {
  // Its declared sizes were checked when it was downloaded.
  const wheel = await openWheel(path, NO_WHEEL_LIMITS);
  try {
    const contents = readContents({ entries: wheel.entries, read: (entry) => wheel.readData(entry) });
    while ((await contents.next()).done !== true);
  } finally {
    wheel.close();
  }
}
